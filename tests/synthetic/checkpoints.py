"""Tiny checkpoints of the real architectures, built and saved by the libraries that publish them.

Their weights are random: what they say means nothing. Libraries are imported where they are used, for the
tests that need them are skipped where they are not installed.
"""

import json
from collections.abc import Sequence
from pathlib import Path

WIDTH = 16  # of every vector
VOICE_FRAMES = 50  # the tiny ear hears one second, in frames of 20 ms
_TOWER = {"hidden_size": WIDTH, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
_SIGHT = {**_TOWER, "image_size": 32, "patch_size": 16}


def clip(folder: Path) -> Path:
    """A CLIP of 32 px with a tokenizer of single bytes."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    torch.manual_seed(0)
    read = {**_TOWER, "vocab_size": 600, "max_position_embeddings": 32}
    special = {"eos_token_id": 2, "bos_token_id": 1, "pad_token_id": 0}
    config = CLIPConfig(text_config=read | special, vision_config=_SIGHT, projection_dim=WIDTH)
    CLIPModel(config).save_pretrained(folder, safe_serialization=True)
    side = {"height": 32, "width": 32}
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=side).save_pretrained(folder)
    _byte_tokenizer(folder)
    # The file's name is that of the model that is declared.
    torch.save(CLIPModel.from_pretrained(folder).state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


def siglip(folder: Path) -> Path:
    """A SigLIP of 32 px."""
    import torch
    from transformers import SiglipConfig, SiglipImageProcessorPil, SiglipModel

    torch.manual_seed(0)
    read = {**_TOWER, "vocab_size": 64, "max_position_embeddings": 8}
    SiglipModel(SiglipConfig(text_config=read, vision_config=_SIGHT)).save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def whisper(folder: Path) -> Path:
    """A Whisper of one layer that hears one second."""
    import torch
    from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=64, d_model=WIDTH, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_source_positions=VOICE_FRAMES,
        max_target_positions=16, num_mel_bins=80, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        decoder_start_token_id=1,
    )  # fmt: skip
    WhisperModel(config).save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80, chunk_length=1).save_pretrained(folder)
    return folder


def heads(folder: Path, names: Sequence[str], n_inputs: int, *, compiled: bool = False) -> Path:
    """Regression heads as they are published: a projection, then ReLU, dropout and linear layers in turn."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(names):
        torch.manual_seed(seed)
        torch.save(_state(n_inputs, compiled), folder / f"model_{name}_best.pth")
    return folder


def _state(n_inputs: int, compiled: bool) -> dict[str, object]:
    from torch import nn

    head = nn.ModuleDict(
        {
            "proj": nn.Linear(n_inputs, 8),
            "mlp": nn.Sequential(nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 1)),
        }
    )
    prefix = "_orig_mod." if compiled else ""
    return {f"{prefix}{name}": value for name, value in head.state_dict().items()}


def _byte_tokenizer(folder: Path) -> None:
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    tokens = ["<pad>", "<|startoftext|>", "<|endoftext|>", *letters, *(f"{one}</w>" for one in letters)]
    (folder / "vocab.json").write_text(json.dumps({token: index for index, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    settings = {
        "tokenizer_class": "CLIPTokenizer",
        "pad_token": "<pad>",
        "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
        "model_max_length": 32,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    from transformers import AutoTokenizer

    AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
