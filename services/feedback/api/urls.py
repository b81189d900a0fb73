"""URLs of the feedback API, below /api/v1/."""

from typing import Any

from django.urls import path

from services.feedback.api import anonymous, resident, serializers
from services.feedback.api.resident import verb_view
from services.feedback.scopes import FEEDBACK_DESK, FEEDBACK_WRITE

WRITE, DESK = FEEDBACK_WRITE, FEEDBACK_DESK
VERBS: dict[str, tuple[Any, ...]] = {
    "messages": ("add_words", "Add words or pictures", WRITE, serializers.AddedSerializer),
    "solved": (
        "confirm_solved",
        "It is solved: confirm and rate",
        WRITE,
        serializers.FeedbackRatingSerializer,
    ),
    "rate": ("rate_feedback", "Rate afterwards", WRITE, serializers.FeedbackRatingSerializer),
    "not-solved": ("say_not_solved", "It is not solved", WRITE, serializers.FeedbackWordsSerializer),
    "withdraw": ("withdraw_feedback", "Take it back", WRITE),
    "answer": ("answer_feedback", "Answer", DESK, serializers.FeedbackSaidSerializer),
    "ask": ("ask_writer", "Ask the writer something", DESK, serializers.FeedbackWordsSerializer),
    "ask-solved": (
        "ask_solved",
        "Answer, and ask whether it is solved",
        DESK,
        serializers.FeedbackWordsSerializer,
    ),
    "hand-over": ("hand_over", "Hand over", DESK, serializers.HandOverSerializer),
    "notes": ("add_internal_note", "Keep an internal note", DESK, serializers.FeedbackSaidSerializer),
}
urlpatterns = [
    path("feedback/", resident.ManyFeedback.as_view(), name="api_feedback_list"),
    path("feedback/without-name/", anonymous.Write.as_view(), name="api_feedback_without_name"),
    path("feedback/by-code/", anonymous.ByCode.as_view(), name="api_feedback_by_code"),
    path("feedback/by-code/messages/", anonymous.AddByCode.as_view(), name="api_feedback_by_code_messages"),
    path("feedback/by-code/solved/", anonymous.SolvedByCode.as_view(), name="api_feedback_by_code_solved"),
    path(
        "feedback/by-code/not-solved/",
        anonymous.NotSolvedByCode.as_view(),
        name="api_feedback_by_code_not_solved",
    ),
    path("feedback/by-code/rate/", anonymous.RateByCode.as_view(), name="api_feedback_by_code_rate"),
    path(
        "feedback/by-code/withdraw/",
        anonymous.WithdrawByCode.as_view(),
        name="api_feedback_by_code_withdraw",
    ),
    path("feedback/<int:pk>/", resident.OneFeedback.as_view(), name="api_feedback"),
    *(
        path(f"feedback/<int:pk>/{slug}/", verb_view(*about), name=f"api_feedback_{slug.replace('-', '_')}")
        for slug, about in VERBS.items()
    ),
]
