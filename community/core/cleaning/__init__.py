"""Removes everything but the sound from recordings: places, names, devices, dates.

Containers are rewritten; the sound is never decoded. In containers with internal offsets (MP4, WebM, Ogg)
removed data is blanked in place, so that nothing moves.
"""

from community.core.cleaning.errors import NotOnlySound, Unreadable
from community.core.cleaning.mp3 import clean_mp3
from community.core.cleaning.mp4 import clean_mp4
from community.core.cleaning.ogg import clean_ogg
from community.core.cleaning.webm import clean_webm

__all__ = ["NotOnlySound", "Unreadable", "clean_mp3", "clean_mp4", "clean_ogg", "clean_webm"]
