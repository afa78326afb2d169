"""Which language a page speaks: what was chosen, else the person's own, else Simplified Chinese."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

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


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the language: for this browser, and where somebody is signed in for them everywhere."""
    response = set_language(request)
    chosen = request.POST.get("language")
    if isinstance(request.user, Staff) and chosen in dict(settings.LANGUAGES):
        Staff.objects.filter(pk=request.user.pk).update(language=chosen)
    return response
