"""Every address of renovation."""

from tests.support.access import Row

PAGES: dict[str, Row] = {}
STAFF_PAGES: dict[str, Row] = {}
API: dict[str, Row] = {}
