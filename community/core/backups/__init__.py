"""Backups: database and private files in one encrypted file, and the way back from it into an empty place.

Who makes a backup needs only the public key (``BACKUP_RECIPIENTS``, as of the tool age): a stolen server opens none of
its own. The private key and the keys of the columns (``FIELD_KEYS``) are kept elsewhere, apart from each other.
"""
