"""The strip maker: what is drawn in a picture stands in the strip, whatever its size, turn, colour or light."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.recognition.strip import (
    INNER_HEIGHT,
    fit,
    line_ink,
    make_strip,
    other_views,
)

DARK = np.array([-1.0], np.float32)


def picture(text="274", scale=2.0, ink=30, ground=220, thickness=5):
    """Text on a grey ground, and the corners of its ink."""
    image = np.full((220, 420), ground, np.uint8)
    cv2.putText(image, text, (60, 130), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thickness, cv2.LINE_AA)
    rows, columns = np.nonzero(np.abs(image.astype(int) - ground) > abs(ink - ground) // 2)
    box = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)
    return image, corners_of(box)


def corners_of(box):
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def likeness(one, other):
    return float(np.corrcoef(one.ravel().astype(float), other.ravel().astype(float))[0, 1])


def test_ink_is_bright_fills_the_inner_height_and_stands_in_the_middle():
    strip = make_strip(*picture(), DARK)
    rows, columns = np.nonzero(strip > 128)
    assert strip.shape == (28, 140) and strip.dtype == np.uint8
    assert abs((rows.max() - rows.min() + 1) - INNER_HEIGHT) <= 2
    assert abs((columns.min() + columns.max()) / 2 - 69.5) <= 1.5
    assert strip[:, :20].max() < 30


@settings(max_examples=10, deadline=None)
@given(scale=st.floats(0.4, 4.0))
def test_size_does_not_matter(scale):
    image, corners = picture()
    flag = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(image, None, fx=scale, fy=scale, interpolation=flag)
    assert likeness(make_strip(image, corners, DARK), make_strip(resized, corners * np.float32(scale), DARK)) > 0.93


@settings(max_examples=10, deadline=None)
@given(angle=st.floats(-180, 180))
def test_turn_does_not_matter(angle):
    image, corners = picture()
    matrix = cv2.getRotationMatrix2D((210, 110), angle, 1.0)
    matrix[:, 2] += 150
    turned = cv2.warpAffine(image, matrix, (720, 520), borderValue=220)
    moved = (corners @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    assert likeness(make_strip(image, corners, DARK), make_strip(turned, moved, DARK)) > 0.93


@settings(max_examples=10, deadline=None)
@given(ground=st.integers(60, 255), contrast=st.integers(25, 60))
def test_polarity_and_contrast_do_not_matter(ground, contrast):
    expected = make_strip(*picture(), DARK)
    dark = make_strip(*picture(ink=ground - contrast, ground=ground), DARK)
    bright = make_strip(*picture(ink=255 - ground + contrast, ground=255 - ground), -DARK)
    assert likeness(expected, dark) > 0.97
    assert likeness(expected, bright) > 0.97


def test_ink_and_ground_of_equal_lightness_are_told_apart_by_colour():
    grey, corners = picture(ink=0, ground=255)
    alpha = (255 - grey.astype(np.float32))[..., None] / 255
    ground, ink = np.array([60, 140, 40], np.float32), np.array([60, 62, 240], np.float32)
    image = (ground + (ink - ground) * alpha).astype(np.uint8)
    assert abs(np.ptp(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(int))) < 25
    assert likeness(make_strip(image, corners, ink - ground), make_strip(*picture(), DARK)) > 0.97


def test_a_slope_of_light_and_a_shadow_edge_vanish():
    image, corners = picture()
    light = np.linspace(0.35, 1.0, image.shape[1], dtype=np.float32)[None, :].repeat(image.shape[0], 0)
    light[:, 260:] *= 0.6
    lit = (image * cv2.blur(light, (25, 25))).astype(np.uint8)
    assert likeness(make_strip(lit, corners, DARK), make_strip(image, corners, DARK)) > 0.9


def test_faint_pencil_comes_out_as_bright_as_marker_and_even_ground_as_nothing():
    assert make_strip(np.full((50, 200), 128, np.uint8), corners_of((20, 10, 180, 40)), DARK).max() == 0
    faint = make_strip(*picture(ink=206, ground=220, thickness=2), DARK)
    bold = make_strip(*picture(ink=10, ground=220, thickness=9), DARK)
    assert np.percentile(faint[faint > 60], 80) > 180
    assert np.percentile(bold[bold > 60], 80) > 180


def test_wide_gaps_are_shortened_so_that_digits_stay_large():
    image = np.full((80, 1000), 220, np.uint8)
    for index, digit in enumerate("12345"):
        cv2.putText(image, digit, (20 + index * 230, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 20, 4, cv2.LINE_AA)
    rows, columns = np.nonzero(image < 120)
    corners = corners_of((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    strip = make_strip(image, corners, DARK)
    tall = np.nonzero((strip > 128).any(axis=1))[0]
    assert tall[-1] - tall[0] + 1 > 20
    assert cv2.connectedComponents((strip > 90).astype(np.uint8))[0] == 6, "five digits, still apart"


def test_other_views_show_the_same_digits_smaller_without_their_top_and_slanted():
    ink = line_ink(*picture("1111", thickness=6), DARK)
    smaller, topless, left, right = other_views(ink)
    middle = fit(ink)

    def height(strip):
        return np.ptp(np.nonzero((strip > 128).any(axis=1))[0])

    def slant(strip):
        rows, columns = np.nonzero(strip > 128)
        return np.polyfit(rows, columns, 1)[0]

    assert height(smaller) < height(middle) <= height(topless)
    assert slant(left) < slant(middle) - 0.1 and slant(right) > slant(middle) + 0.1
