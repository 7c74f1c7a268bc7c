"""Reads a shard of `write_small_set` (5 images of 32 x 32) with h5py alone and checks it against the published layout."""
import sys

import h5py
import numpy

path, encoding = sys.argv[1:]


def picture(number, side=32):
    """`test_picture`, written again."""
    y, x = numpy.mgrid[0:side, 0:side]
    red = numpy.floor(127.5 + 127 * numpy.sin(0.11 * x + number))
    green = numpy.floor(127.5 + 127 * numpy.cos(0.07 * y + 2 * number))
    return numpy.stack([red, green, (x + y + 17 * number) // 2 % 256], axis=-1).astype(numpy.uint8)


with h5py.File(path, "r") as shard:
    expected = dict(format="atelier-images", version=1, split="train", encoding=encoding, shard=0, shards=1)
    assert dict(shard.attrs) == expected, dict(shard.attrs)
    assert list(shard["sources"].asstr()) == [f"picture-{i}" for i in range(5)]
    assert shard["digests"].dtype == numpy.uint64 and shard["digests"].shape == (5,)
    if encoding == "raw":
        assert shard["images"].chunks is None and shard["images"].dtype == numpy.uint8
        for i in range(5):
            assert (shard["images"][i] == picture(i)).all(), i
            assert (shard["smoothed/images"][i] == picture(i + 100)).all(), i
            assert (shard["truth/images"][i] == picture(i + 200)).all(), i
            assert (shard["large/images"][i] == picture(i).repeat(2, axis=0).repeat(2, axis=1)).all(), i
        assert shard["truth/digests"].shape == shard["large/digests"].shape == (5,)
    else:
        assert "smoothed" not in shard and "truth" not in shard
        offsets = shard["offsets"][:]
        assert offsets.dtype == numpy.uint64 and len(offsets) == 6 and offsets[-1] == shard["bytes"].shape[0]
        assert (shard["shapes"][:] == 32).all()
        for begin in map(int, offsets[:-1]):
            assert shard["bytes"][begin : begin + 8].tobytes() == b"\x89PNG\r\n\x1a\n"
