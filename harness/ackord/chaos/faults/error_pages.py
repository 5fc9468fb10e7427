"""Pages of HTML that boxes on the way answer instead of the provider."""

from __future__ import annotations

from http import HTTPStatus

__all__ = ["error_page"]

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{status} {phrase}</title></head>
<body>
<h1>{status} {phrase}</h1>
<p>{said}</p>
<hr>
<p>edge node ack-01 &middot; request 7d0f2c41</p>
</body>
</html>
"""
_SAID = "The edge network could not get a valid answer from the origin server. Please try again in a few minutes."
_NO_ROUTE = "The requested URL was not found on this server."


def error_page(status: int) -> str:
    """Return the page of a content delivery network for a status; for 404, that of a box that has no such route."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Error"
    return _PAGE.format(status=status, phrase=phrase, said=_NO_ROUTE if status == 404 else _SAID)
