"""What can go wrong with images."""

from __future__ import annotations

from boothlab.errors import BoothlabError


class ImageError(BoothlabError):
    """An image cannot be had.

    ``reason`` says why in a few words, for a line that tells what is done instead.
    """

    def __init__(self, message: str, *, reason: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.reason = reason


class BaseImageError(ImageError):
    """A distribution's base image can neither be pulled nor made."""


class ImageBuildError(ImageError):
    """A build step failed."""
