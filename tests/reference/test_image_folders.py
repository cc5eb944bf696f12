"""Folders of images: what is read and when, what is converted, what is left out."""

import numpy as np
import pytest
from PIL import Image

from reference import MSE, SGD, Dense, Flatten, Sequential, fit
from reference.datasets import load_image_folder

RNG = np.random.default_rng(5)


def folder_of(root, **classes):
    for name, images in classes.items():
        (root / name).mkdir(parents=True)
        for number, image in enumerate(images):
            image.save(root / name / f"{number}.png")
    return root


def plain(colour, size=(6, 4)):
    return Image.new("RGB", size, colour)


def pixel(folder, path, name="odd.png"):
    """Return the colour of the one image of a folder, and the image."""
    data = load_image_folder(folder, (4, 6))
    number = [p.name for p in data.images.paths].index(name)
    return data.images[np.array([number])][0]


def test_a_folder_is_a_class_and_images_are_read_when_indexed(tmp_path):
    folder_of(tmp_path, dog=[plain("red")] * 3, cat=[plain("blue"), plain("lime")])
    data = load_image_folder(tmp_path, (5, 7), np.float32)
    assert data.classes == ("cat", "dog")
    assert data.labels.tolist() == [0, 0, 1, 1, 1]
    assert data.images.shape == (5, 3, 5, 7)
    batch = data.images[np.array([3, 0])]
    assert (batch.shape, batch.dtype) == ((2, 3, 5, 7), np.float32)
    assert batch[0, :, 0, 0].tolist() == [1, 0, 0]
    assert batch[1, :, 0, 0].tolist() == [0, 0, 1]
    assert data.images[2:].shape == (3, 3, 5, 7)
    assert data.one_hot().tolist() == [[1, 0]] * 2 + [[0, 1]] * 3
    (tmp_path / "dog" / "0.png").unlink()
    with pytest.raises(ValueError, match=r"0\.png: cannot be read any more"):
        data.images[2:3]


def test_a_split_keeps_images_and_labels_together(tmp_path):
    folder_of(tmp_path, a=[plain("black")] * 5, b=[plain("white")] * 5)
    train, test = load_image_folder(tmp_path, (2, 2)).split(seed=1)
    assert (len(train.images), len(test.images)) == (8, 2)
    assert {*train.images.paths} | {*test.images.paths} == set(tmp_path.rglob("*.png"))
    for part in (train, test):
        assert part.images[:][:, 0, 0, 0].tolist() == part.labels.tolist()


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (Image.new("L", (6, 4), 51), (0.2, 0.2, 0.2)),
        (Image.new("1", (6, 4), 1), (1, 1, 1)),
        (plain((255, 0, 51)).convert("P", palette=Image.Palette.ADAPTIVE), (1, 0, 0.2)),
        (Image.new("RGBA", (6, 4), (255, 0, 0, 255)), (1, 0, 0)),
        (Image.new("RGBA", (6, 4), (255, 0, 0, 0)), (1, 1, 1)),
        (Image.new("LA", (6, 4), (51, 255)), (0.2, 0.2, 0.2)),
        (Image.fromarray(np.full((4, 6), 13107, np.uint16)), (0.2, 0.2, 0.2)),
    ],
    ids=["grey", "one bit", "palette", "opaque", "transparent", "grey with alpha", "16 bits"],
)
def test_odd_images_are_converted(tmp_path, image, colour):
    folder_of(tmp_path, a=[])
    image.save(tmp_path / "a" / "odd.png")
    got = pixel(tmp_path, "a")
    np.testing.assert_allclose(got, np.broadcast_to(np.reshape(colour, (3, 1, 1)), (3, 4, 6)))


def test_an_image_that_lies_on_its_side_is_put_upright(tmp_path):
    image = plain("black")  # 6 wide, 4 high
    image.paste("white", (0, 0, 1, 4))  # a white column on the left
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to view: left becomes top
    folder_of(tmp_path, a=[])
    image.save(tmp_path / "a" / "odd.jpg", exif=exif, quality=100, subsampling=0)
    data = load_image_folder(tmp_path, (6, 4))
    got = data.images[:][0, 0]
    assert got[0].min() > 0.9
    assert got[1:].max() < 0.2


def test_files_that_cannot_be_read_are_skipped_and_named(tmp_path):
    folder_of(tmp_path, a=[plain("red")] * 2, empty=[])
    noise = Image.fromarray(RNG.integers(0, 256, (60, 60, 3), dtype=np.uint8))
    noise.save(tmp_path / "a" / "cut.jpg")
    content = (tmp_path / "a" / "cut.jpg").read_bytes()
    (tmp_path / "a" / "cut.jpg").write_bytes(content[: len(content) // 2])
    (tmp_path / "a" / "notes.txt").write_text("no image")
    (tmp_path / "a" / "nothing.png").touch()
    (tmp_path / "a" / ".DS_Store").write_text("hidden")
    (tmp_path / "loose.png").write_bytes((tmp_path / "a" / "0.png").read_bytes())
    data = load_image_folder(tmp_path)
    assert len(data.images) == 2
    assert data.classes == ("a",)
    reasons = {path.name: why for path, why in data.skipped.items()}
    assert sorted(reasons) == ["cut.jpg", "empty", "loose.png", "notes.txt", "nothing.png"]
    assert "truncated" in reasons["cut.jpg"]
    assert reasons["empty"] == "a class without an image"
    assert reasons["notes.txt"] == "not an image, or of a format that Pillow does not know"


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(ValueError, match="nowhere: no such folder"):
        load_image_folder(tmp_path / "nowhere")
    folder_of(tmp_path, a=[])
    with pytest.raises(ValueError, match="expected a folder for each class with images in it"):
        load_image_folder(tmp_path)


def test_a_network_trains_on_images_that_are_not_in_memory(tmp_path, monkeypatch):
    folder_of(tmp_path, a=[plain("black")] * 4, b=[plain("white")] * 3)
    data = load_image_folder(tmp_path, (2, 2))
    batches = []
    read = type(data.images).__getitem__
    monkeypatch.setattr(
        type(data.images), "__getitem__", lambda s, i: batches.append(len(i)) or read(s, i)
    )
    model = Sequential([Flatten(), Dense(12, 2, rng=0)])
    history = fit(
        model, MSE(), SGD(0.1), data.images, data.one_hot(), epochs=9, batch_size=3, rng=1
    )
    assert batches == [3, 3, 1] * 9
    assert history["loss"][-1] < history["loss"][0] / 2


LINES = "id,breed\n2.png,dog\n0,cat\nsub/1.png,dog\n9.png,cat\n"


@pytest.mark.parametrize("mark", [",", ";", "\t", " ", '","'], ids=repr)
def test_labels_may_be_in_a_file(tmp_path, mark):
    folder_of(tmp_path / "images", sub=[plain("red"), plain("lime"), plain("blue")])
    for number in (0, 2):
        (tmp_path / "images" / "sub" / f"{number}.png").rename(
            tmp_path / "images" / f"{number}.png"
        )
    plain("black").save(tmp_path / "images" / "7.png")
    lines = "".join(f'"{line}"\n' if mark == '","' else f"{line}\n" for line in LINES.split())
    (tmp_path / "labels.csv").write_text(lines.replace(",", mark))
    data = load_image_folder(tmp_path / "images", (2, 2), labels=tmp_path / "labels.csv")
    assert (data.classes, data.labels.tolist()) == (("cat", "dog"), [0, 1, 1])
    assert data.images[:][:, :, 0, 0].tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    reasons = {path.name: why for path, why in data.skipped.items()}
    assert "line 5" in reasons["9.png"]
    assert reasons["7.png"].startswith("not in ")


def test_classes_that_are_numbers_are_in_their_order(tmp_path):
    folder_of(tmp_path, a=[plain("red")] * 3)
    (tmp_path / "labels.txt").write_text("0 10\n1 9\n\n2 10\n")
    data = load_image_folder(tmp_path, (2, 2), labels=tmp_path / "labels.txt")
    assert (data.classes, data.labels.tolist()) == (("9", "10"), [0, 1, 1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.png\n", "line 1 has no class"),
        ("1.png,a\n7.png,\n", "line 2 has no class"),
        ("0.png,x\n", r"line 1: 0\.png may be "),
        ("a/9.png,x\nb/9.png,x\n", "expected the files that .* names with images in it"),
        (None, "cannot be read"),
    ],
)
def test_a_file_of_labels_that_cannot_be_used_is_named(tmp_path, text, message):
    folder_of(tmp_path, a=[plain("red")] * 2, b=[plain("red")])
    if text is not None:
        (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        load_image_folder(tmp_path, labels=tmp_path / "labels.csv")
