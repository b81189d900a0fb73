"""What all tests of this package share."""

from tests.support.searched import search_keys_stay_right  # noqa: F401
