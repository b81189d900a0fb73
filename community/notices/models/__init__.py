from community.notices.models.notices import Notice, NoticeChange, NoticePart, NoticeQuerySet
from community.notices.models.readings import DoorTold, NoticeReading

__all__ = ["DoorTold", "Notice", "NoticeChange", "NoticePart", "NoticeQuerySet", "NoticeReading"]
