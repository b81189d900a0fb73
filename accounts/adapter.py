"""How allauth finds, keeps and tells a phone number."""

from allauth.account.adapter import DefaultAccountAdapter


class PhoneAccountAdapter(DefaultAccountAdapter):
    """Filled in beside the sign-in pages."""
