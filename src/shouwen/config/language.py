"""Which language a page speaks: what was chosen, else the person's own, else Simplified Chinese."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from shouwen.organization.models import Staff


class ChosenLanguage(LocaleMiddleware):
    """As Django's own, but a browser's language chooses nothing.

    Customer centres run English browsers, and the product speaks Chinese until somebody chooses.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language for this request."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen not in dict(settings.LANGUAGES):
            person = request.user
            chosen = person.language if isinstance(person, Staff) else settings.LANGUAGE_CODE
        translation.activate(chosen)
        request.LANGUAGE_CODE = translation.get_language()
