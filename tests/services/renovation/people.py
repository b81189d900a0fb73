"""Those who fill in the forms of a renovation, and a picture as they upload it."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from tests.factories import make_staff
from tests.factories.renovation import Site
from tests.support.world import a_picture


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def coordinator(site: Site) -> User:
    return make_staff(role="renovation_coordinator", estate=site.estate)


def picture(name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_picture().read(), "image/jpeg")
