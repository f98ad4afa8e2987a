"""Pictures, and texts about them, as vectors: CLIP and its kin, run by transformers.

Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021; Zhai et
al., "Sigmoid Loss for Language Image Pre-Training", 2023.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videoannotator.plugin.torch_runtime import pretrained

Vectors = NDArray[np.float32]
Picture = NDArray[np.uint8]


class PictureModel:
    """A model of two towers; the same inputs on the same device give the same vectors."""

    def __init__(self, folder: Path, device: str) -> None:
        from transformers import AutoImageProcessor

        self._folder, self._device = folder, device
        self._model = pretrained(folder, device)
        self._processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True)

    def pictures(self, pictures: Sequence[Picture]) -> Vectors:
        """Unit vectors (n, d) of pictures (height, width, 3), RGB."""
        inputs = self._processor(images=list(pictures), return_tensors="pt")
        return self._vectors("get_image_features", pixel_values=inputs["pixel_values"])

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n, d) of texts."""
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(self._folder, local_files_only=True)
        # SigLIP was trained on texts padded to one length; CLIP masks the padding.
        padding = "max_length" if self._is_sigmoid else True
        inputs = tokenizer(list(texts), padding=padding, truncation=True, return_tensors="pt")
        return self._vectors("get_text_features", **inputs)

    def scores(self, pictures: Vectors, texts: Vectors) -> NDArray[np.float64]:
        """How well each text fits each picture, shape (n_pictures, n_texts).

        CLIP's add up to 1 over the texts; SigLIP's are 0 to 1 each.
        """
        logits = pictures.astype(np.float64) @ texts.T.astype(np.float64)
        logits *= np.exp(self._model.logit_scale.item())
        if self._is_sigmoid:
            return np.asarray(1 / (1 + np.exp(-(logits + self._model.logit_bias.item()))))
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    @property
    def _is_sigmoid(self) -> bool:
        return hasattr(self._model, "logit_bias")

    def _vectors(self, tower: str, **inputs: object) -> Vectors:
        import torch

        on_device = {name: value.to(self._device) for name, value in inputs.items()}  # type: ignore[attr-defined]
        with torch.inference_mode():
            vectors = getattr(self._model, tower)(**on_device).pooler_output
            vectors = torch.nn.functional.normalize(vectors.float(), dim=-1)
        found: Vectors = vectors.cpu().numpy()
        return found
