"""Tax numbers of companies: the unified social credit identifier (统一社会信用代码) of GB 32100-2015."""

LENGTH = 18
# Without I, O, S, V and Z; the place of a character is its value.
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MODULUS = 31


def is_tax_number(text: str) -> bool:
    """Whether the text is such a number with the right check character."""
    if len(text) != LENGTH or any(character not in CHARACTERS for character in text):
        return False
    weighted = sum(
        CHARACTERS.index(character) * pow(3, place, MODULUS) for place, character in enumerate(text[:-1])
    )
    return CHARACTERS[-weighted % MODULUS] == text[-1]


def normal_tax_number(text: str) -> str:
    """Returns the number as it is stored: capitals, no blanks or dashes."""
    return "".join(text.split()).replace("-", "").upper()
