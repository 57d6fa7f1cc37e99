"""The text of a file that does not say how it is written."""


def decoded(data: bytes) -> str:
    """Return the text of a file: its byte order mark, else strict UTF-8, else
    Windows-1252, which never fails to say something."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
