"""The lab's images: found, pulled, bootstrapped or built; never rebuilt without need.

An image's tag carries the fingerprint of everything it is built from, so an
unchanged one is found without asking anybody, and a changed Dockerfile makes a new
one. ``resolve`` finds the lab's own; ``vendors`` looks for those that others made.
"""

from boothlab.engine.images.errors import BaseImageError, ImageBuildError, ImageError
from boothlab.engine.images.resolve import ImageSet, resolve

__all__ = ["BaseImageError", "ImageBuildError", "ImageError", "ImageSet", "resolve"]
