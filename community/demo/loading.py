"""Creates the whole demo in one transaction."""

from datetime import datetime
from random import Random

from django.db import transaction

from community.demo.approvals import ask_for_two
from community.demo.arrears import make_arrears
from community.demo.attachments import add_pictures, fill_inboxes, link_alarms, store_drawings
from community.demo.bank import bring_in_bank_sheet
from community.demo.books import make_books
from community.demo.care import make_care
from community.demo.catalogue import make_catalogue
from community.demo.closings import close_months
from community.demo.fee_lists import make_fee_lists
from community.demo.feedback import write_feedback
from community.demo.fees import make_fees
from community.demo.figures import make_figures
from community.demo.fund_money import make_fund_money
from community.demo.help import make_help
from community.demo.matching import match_statements
from community.demo.merchants import enter_merchants
from community.demo.meters import send_odd_reading
from community.demo.money_back import make_money_back
from community.demo.notices import write_notices
from community.demo.places import make_places
from community.demo.renovation import write_renovation
from community.demo.repair_bills import bill_repairs
from community.demo.repairs import Chronicle
from community.demo.residents import make_society

SEED = 20260101


def load(now: datetime) -> dict[str, int]:
    """Creates everything, the same each time apart from dates; returns counts."""
    draw = Random(SEED)
    keys = store_drawings()
    with transaction.atomic():
        places = make_places(draw)
        enter_merchants()
        society = make_society(places, draw, now)
        stories = []
        for number, place in enumerate(places):
            catalogue = make_catalogue(place.estate)
            stories += Chronicle(place, catalogue, society, draw, now).write(number)
        link_alarms(stories)
        add_pictures(stories, keys, draw)
        fill_inboxes(stories, now)
        feedbacks = sum(write_feedback(one, society, keys, n, now) for n, one in enumerate(places))
        appointments = write_renovation(places[0], society, keys, now)
        notices = write_notices(places, society, now)
        bills = make_fees(places, society, draw, now)
        make_fee_lists(places, society, draw, now)
        late_fees = make_arrears(places, society, now)
        send_odd_reading(society, keys["pipe", False], now)
        # A source of its own, so that what follows is drawn as before.
        make_books(places, society, Random(SEED), now)
        bill_repairs(stories, society)
        make_fund_money(places, society, now)
        deposits = make_money_back(places, society, draw, now)
        match_statements(now)
        bring_in_bank_sheet(places[0].estate, now)
        close_months(places, society, now)
        calls = make_help(places, society, now)
        visits = make_care(places, society, draw, now)
        figures = make_figures(places, society, now)
        ask_for_two(places, society, now)
    return {
        "estates": len(places),
        "homes": sum(len(place.homes) for place in places),
        "residents": sum(len(households) for households in society.households.values()),
        "repairs": len(stories),
        "feedback": feedbacks,
        "appointments": appointments,
        "notices": notices,
        "bills": bills,
        "deposits": deposits,
        "late fees": late_fees,
        "help calls": calls,
        "care bookings": visits,
        "daily figures": figures,
    }
