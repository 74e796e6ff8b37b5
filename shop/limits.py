"""How much a request may bring. What is more is refused before anything is done with it."""

from typing import IO, Any

from quart import Request
from quart.formparser import FormDataParser
from quart.wrappers.request import Body
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from shop.errors import NoText

FORM_FIELDS = 50
# Where a form may bring a file, and how many bytes it may have with all around it.
UPLOADS = {"/staff/imports": 10 * 1024 * 1024 + 4096}
UPLOAD_TIME = 120  # seconds
FIELD_LENGTH = 2000  # characters; the longest that anybody types is an email address


class CountedBody(Body):
    """Quart bounds what waits to be read; here all that has come counts, so that a form sent in pieces ends too."""

    received = 0

    def append(self, data: bytes) -> None:
        self.received += len(data)
        if self._max_content_length is not None and self.received > self._max_content_length:
            self._must_raise = RequestEntityTooLarge()
            self.set_complete()
        super().append(data)

    async def __anext__(self) -> bytes:
        try:
            return await super().__anext__()
        except StopAsyncIteration:
            if self._must_raise:
                raise self._must_raise from None
            raise


class BoundedForm(FormDataParser):
    """Raises RequestEntityTooLarge, UnsupportedMediaType for a file where no form of ours has one, and BadRequest for
    what is no form; NoText."""

    takes_files = False

    async def parse(
        self, body: Body, mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[MultiDict[Any, Any], MultiDict[Any, Any]]:
        self.silent = False
        if not self.takes_files:
            self.stream_factory = _no_file
        if mimetype.startswith("application/x-") and (await body).count(b"&") >= FORM_FIELDS:
            raise RequestEntityTooLarge
        try:
            form, files = await super().parse(body, mimetype, content_length, options)
        except ValueError as error:  # not UTF-8, or no boundary
            raise BadRequest from error
        for text in (part for field in form.items(multi=True) for part in field):
            if len(text) > FIELD_LENGTH:
                raise RequestEntityTooLarge
            if "\0" in text:
                raise NoText
        return form, files


def _no_file(*_: object) -> IO[bytes]:
    raise UnsupportedMediaType


class BoundedRequest(Request):
    body_class = CountedBody
    form_data_parser_class = BoundedForm

    def __init__(self, method: str, scheme: str, path: str, *args: Any, **more: Any) -> None:
        uploaded = UPLOADS.get(path) if method == "POST" else None
        if uploaded:
            more |= {"max_content_length": uploaded, "body_timeout": UPLOAD_TIME}
        super().__init__(method, scheme, path, *args, **more)
        self.takes_files, self.max_content_length = bool(uploaded), uploaded  # None: the shop's own limit

    def make_form_data_parser(self) -> FormDataParser:
        parser = super().make_form_data_parser()
        assert isinstance(parser, BoundedForm)
        parser.takes_files = self.takes_files
        return parser
