"""Writes the bill of materials (SBOM, CycloneDX 1.6) of what requirements/base.txt pins: `make sbom`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from pip_requirements_parser import RequirementsFile

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements" / "base.txt"


def components(pins: Path) -> Iterator[Component]:
    """Yields each pinned package with the hashes of its files. Raises ``ValueError`` for one without a version."""
    file = RequirementsFile.from_file(str(pins))
    if file.invalid_lines:
        raise ValueError(f"{pins}: {file.invalid_lines[0]}")
    for pin in file.requirements:
        if not pin.get_pinned_version or not pin.hash_options:
            raise ValueError(f"{pins}: {pin.name} has no version or no hash")
        address = PackageURL("pypi", name=pin.name, version=pin.get_pinned_version)
        yield Component(
            name=pin.name,
            version=pin.get_pinned_version,
            type=ComponentType.LIBRARY,
            purl=address,
            bom_ref=str(address),
            hashes=[
                HashType(alg=HashAlgorithm.SHA_256, content=one.partition(":")[2]) for one in pin.hash_options
            ],
            # For which platforms or versions of Python it is.
            properties=[Property(name="marker", value=str(pin.marker))] if pin.marker else [],
        )


def bill_of_materials(pins: Path = PINS) -> str:
    """Returns the bill as JSON."""
    bom = Bom(components=components(pins))
    bom.metadata.component = Component(name="linli", type=ComponentType.APPLICATION, bom_ref="linli")
    bom.register_dependency(bom.metadata.component, bom.components)
    return JsonV1Dot6(bom).output_as_string(indent=2)


if __name__ == "__main__":
    text = bill_of_materials()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text + "\n")
    else:
        print(text)
