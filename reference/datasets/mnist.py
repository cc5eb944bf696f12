"""MNIST by name."""

from pathlib import Path

from ..npz import StrPath
from .archives import HOW_TO_INSTALL

SOURCE = "https://ossci-datasets.s3.amazonaws.com/mnist/"
SHA256 = {
    "train-images-idx3": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def download_mnist(folder: StrPath | None = None, source: str = SOURCE) -> Path:
    """Download the four files of MNIST if they are not there yet; needs pooch.

    Parameters
    ----------
    folder : str or Path, optional
        Where to keep them; by default the user's cache folder.
    source : str
        The URL of the folder to download from.

    Returns
    -------
    folder : Path
        For `load_idx_folder`.

    Raises
    ------
    ValueError
        If they cannot be downloaded, or are not the expected files.
    ImportError
        If pooch is not installed.

    References
    ----------
    LeCun, Cortes, Burges: The MNIST database of handwritten digits. The source is the mirror that
    torchvision uses.
    """
    try:
        import pooch
    except ImportError as error:
        raise ImportError(f"downloads need pooch: {HOW_TO_INSTALL}") from error
    folder = Path(folder or Path(pooch.os_cache("cnn-conformance")) / "mnist")
    hashes = {f"{name}-ubyte.gz": f"sha256:{digest}" for name, digest in SHA256.items()}
    files = pooch.create(folder, source, registry=hashes)
    by_hand = f"put {', '.join(hashes)} into {folder} by hand, or name a folder that has them"
    for name in hashes:
        try:
            files.fetch(name, progressbar=True)
        except OSError as error:
            raise ValueError(f"{source}{name} cannot be downloaded ({error}): {by_hand}") from error
        except ValueError as error:
            raise ValueError(
                f"{source}{name} is not the file that it should be ({error}): {by_hand}"
            ) from error
    return folder
