"""The second factor of staff: a passkey, or codes of an app on the phone, and codes on paper for when it is lost."""
