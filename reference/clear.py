"""A convolutional network in numpy, as a lecture would show it."""

from .accuracy import accuracy
from .adagrad import AdaGrad
from .adam import Adam
from .adamw import AdamW
from .avgpool2d import AvgPool2D
from .batchnorm1d import BatchNorm1D
from .batchnorm2d import BatchNorm2D
from .bce import BCE
from .bcewithlogits import BCEWithLogits
from .clip_grad_norm import clip_grad_norm
from .clip_grad_value import clip_grad_value
from .col2im import col2im
from .conv1d import Conv1D
from .conv2d import Conv2D
from .convtranspose1d import ConvTranspose1D
from .convtranspose2d import ConvTranspose2D
from .cosineannealinglr import CosineAnnealingLR
from .dense import Dense
from .dropout import Dropout
from .elu import ELU
from .embedding import Embedding
from .exponentiallr import ExponentialLR
from .flatten import Flatten
from .gelu import GELU
from .globalavgpool2d import GlobalAvgPool2D
from .globalmaxpool2d import GlobalMaxPool2D
from .groupnorm import GroupNorm
from .gru import GRU
from .he_normal import he_normal
from .he_uniform import he_uniform
from .hinge import Hinge
from .huber import Huber
from .identity import Identity
from .im2col import im2col
from .l1 import L1
from .layer import Layer
from .layernorm import LayerNorm
from .leakyrelu import LeakyReLU
from .logsoftmax import LogSoftmax
from .lstm import LSTM
from .maxpool2d import MaxPool2D
from .mse import MSE
from .multiheadattention import MultiHeadAttention
from .nll import NLL
from .numerical_gradient import numerical_gradient
from .one_hot import one_hot
from .relu import ReLU
from .repeat import Repeat
from .residual import Residual
from .rmsprop import RMSprop
from .rnn import RNN
from .scaleddotproductattention import ScaledDotProductAttention
from .sequential import Sequential
from .sgd import SGD
from .sigmoid import Sigmoid
from .silu import SiLU
from .softmax import Softmax
from .softmaxcrossentropy import SoftmaxCrossEntropy
from .steplr import StepLR
from .tanh import Tanh
from .training import evaluate, fit, predict
from .upsample import Upsample
from .warmup import WarmUp
from .xavier_normal import xavier_normal
from .xavier_uniform import xavier_uniform

__all__ = [
    "BCE",
    "ELU",
    "GELU",
    "GRU",
    "L1",
    "LSTM",
    "MSE",
    "NLL",
    "RNN",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "AvgPool2D",
    "BCEWithLogits",
    "BatchNorm1D",
    "BatchNorm2D",
    "Conv1D",
    "Conv2D",
    "ConvTranspose1D",
    "ConvTranspose2D",
    "CosineAnnealingLR",
    "Dense",
    "Dropout",
    "Embedding",
    "ExponentialLR",
    "Flatten",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GroupNorm",
    "Hinge",
    "Huber",
    "Identity",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "LogSoftmax",
    "MaxPool2D",
    "MultiHeadAttention",
    "RMSprop",
    "ReLU",
    "Repeat",
    "Residual",
    "ScaledDotProductAttention",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "SoftmaxCrossEntropy",
    "StepLR",
    "Tanh",
    "Upsample",
    "WarmUp",
    "accuracy",
    "clip_grad_norm",
    "clip_grad_value",
    "col2im",
    "evaluate",
    "fit",
    "he_normal",
    "he_uniform",
    "im2col",
    "numerical_gradient",
    "one_hot",
    "predict",
    "xavier_normal",
    "xavier_uniform",
]
