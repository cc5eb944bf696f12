"""Uses other files of a framework's distribution: neighbours, single files, archives, compiled."""

import importlib
import os
import sys
import zipimport

import unhook
from target import SITE
from wrong import Dense, ReLU

print("reached")
unhook.by_sys_modules()
for name in ("torchgen", "jaxlib", "single"):
    try:
        print("succeeded:", importlib.import_module(name).matmul)
    except (ImportError, OSError, AttributeError) as error:
        print(error)
tag = sys.implementation.cache_tag
for file in (f"__pycache__/single.{tag}.pyc", "single.py"):
    try:
        with open(os.path.join(SITE, file), "rb") as compiled:
            print("succeeded:", len(compiled.read()))
    except OSError as error:
        print(error)
try:
    packed = zipimport.zipimporter(os.path.join(SITE, "packed.egg"))
    print("succeeded:", packed.get_code("tensorflow"))
except (zipimport.ZipImportError, OSError) as error:
    print(error)
