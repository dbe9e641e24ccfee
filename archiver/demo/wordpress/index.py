"""What WordPress's REST API says about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo.wordpress.call import Reply

if TYPE_CHECKING:
    from archiver.demo.wordpress.call import Call

__all__ = ["index", "namespace"]

_ROUTES = (
    "/wp/v2",
    "/wp/v2/posts",
    "/wp/v2/posts/(?P<id>[\\d]+)",
    "/wp/v2/posts/(?P<parent>[\\d]+)/revisions",
    "/wp/v2/posts/(?P<parent>[\\d]+)/revisions/(?P<id>[\\d]+)",
    "/wp/v2/pages",
    "/wp/v2/pages/(?P<id>[\\d]+)",
    "/wp/v2/pages/(?P<parent>[\\d]+)/revisions",
    "/wp/v2/pages/(?P<parent>[\\d]+)/revisions/(?P<id>[\\d]+)",
    "/wp/v2/media",
    "/wp/v2/media/(?P<id>[\\d]+)",
    "/wp/v2/users",
    "/wp/v2/users/(?P<id>[\\d]+)",
    "/wp/v2/users/me",
    "/wp/v2/comments",
    "/wp/v2/comments/(?P<id>[\\d]+)",
)


def index(call: Call) -> Reply:
    """Return the site's name, address, time zone, ways to log in, and routes."""
    login = f"{call.base}/wp-admin/authorize-application.php"
    theme = f"{call.base}/wp-json/wp/v2/themes/twentytwentythree"
    return Reply(
        {
            "name": call.title,
            "description": "",
            "url": call.base,
            "home": call.base,
            "gmt_offset": "-6",
            "timezone_string": "",
            "namespaces": ["wp/v2"],
            "authentication": {"application-passwords": {"endpoints": {"authorization": login}}},
            "routes": {"/": _route(call, "/")} | _routes(call),
            "site_logo": 0,
            "site_icon": 0,
            "site_icon_url": "",
            "_links": {
                "help": [{"href": "https://developer.wordpress.org/rest-api/"}],
                "wp:active-theme": [{"href": theme}],
                "curies": [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}],
            },
        }
    )


def namespace(call: Call) -> Reply:
    """Return the routes of the one name space."""
    up = [{"href": f"{call.base}/wp-json/"}]
    return Reply({"namespace": "wp/v2", "routes": _routes(call), "_links": {"up": up}})


def _routes(call: Call) -> dict[str, object]:
    return {route: _route(call, route) for route in _ROUTES}


def _route(call: Call, route: str) -> dict[str, object]:
    links = {"_links": {"self": [{"href": f"{call.base}/wp-json{route}"}]}}
    return {
        "namespace": "wp/v2" if "wp" in route else "",
        "methods": ["GET"],
        "endpoints": [{"methods": ["GET"], "args": {}}],
        **({} if "(" in route else links),
    }
