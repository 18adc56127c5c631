"""Makes ort_api_header.json: what ONNX Runtime's own C header says about the functions fovea calls.

The header onnxruntime_c_api.h comes with any build of ONNX Runtime for C; this file was made from
the one in the npm package com.github.asus4.onnxruntime 0.4.9 (ORT_API_VERSION 29), with g++ 12.2:

    npm pack com.github.asus4.onnxruntime@0.4.9 && tar xzf com.github.asus4.onnxruntime-0.4.9.tgz
    python3 tests/golden/ort_api_header.py <folder with the header>

Slots are offsetof(OrtApi, name) / 8 as the compiler computes them. Declarations are read from the
preprocessed header, in which the annotations for static analysis are gone. `since` is what the
header's documentation says; `null` stands for functions older than such notes (before 1.10).
"""

import json
import pathlib
import re
import subprocess
import sys

NAMES = """
GetErrorCode GetErrorMessage CreateEnv CreateSessionFromArray CreateSessionOptions
SetSessionExecutionMode EnableProfiling SetSessionLogSeverityLevel
SetSessionGraphOptimizationLevel SetIntraOpNumThreads SetInterOpNumThreads SessionGetInputCount
SessionGetOutputCount SessionGetInputTypeInfo SessionGetOutputTypeInfo SessionGetInputName
SessionGetOutputName CreateRunOptions RunOptionsSetTerminate CreateTensorWithDataAsOrtValue
GetTensorMutableData CastTypeInfoToTensorInfo GetTensorElementType GetDimensionsCount GetDimensions
GetTensorTypeAndShape CreateMemoryInfo CreateCpuMemoryInfo AllocatorFree GetAllocatorWithDefaultOptions ReleaseEnv
ReleaseStatus ReleaseMemoryInfo ReleaseSession ReleaseValue ReleaseRunOptions ReleaseTypeInfo
ReleaseTensorTypeAndShapeInfo ReleaseSessionOptions SessionEndProfiling GetAvailableProviders
ReleaseAvailableProviders AddSessionConfigEntry AddRunConfigEntry RunWithBinding CreateIoBinding ReleaseIoBinding
BindInput BindOutput BindOutputToDevice GetBoundOutputValues
SessionOptionsAppendExecutionProvider_TensorRT_V2 CreateTensorRTProviderOptions
UpdateTensorRTProviderOptions ReleaseTensorRTProviderOptions
SessionOptionsAppendExecutionProvider_CUDA_V2 CreateCUDAProviderOptions UpdateCUDAProviderOptions
ReleaseCUDAProviderOptions UpdateTensorRTProviderOptionsWithValue UpdateCUDAProviderOptionsWithValue
""".split()

# Sizes that the binding relies on.
SIZES = ["size_t", "void*", "OrtErrorCode", "OrtLoggingLevel", "ExecutionMode", "OrtAllocatorType"]
SIZES += ["OrtMemType", "GraphOptimizationLevel", "ONNXTensorElementDataType"]

# Values of enumerations that the binding passes or reads.
VALUES = """
ORT_LOGGING_LEVEL_FATAL ORT_SEQUENTIAL ORT_DISABLE_ALL ORT_ENABLE_BASIC ORT_ENABLE_EXTENDED
ORT_ENABLE_LAYOUT ORT_ENABLE_ALL OrtDeviceAllocator OrtArenaAllocator OrtMemTypeDefault
ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8
ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32
ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL
ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE
ORT_FAIL ORT_INVALID_ARGUMENT ORT_NO_SUCHFILE ORT_NO_MODEL ORT_ENGINE_ERROR ORT_RUNTIME_EXCEPTION
ORT_INVALID_PROTOBUF ORT_MODEL_LOADED ORT_NOT_IMPLEMENTED ORT_INVALID_GRAPH ORT_EP_FAIL
""".split()


def compile_and_run(folder, body):
    source = f"#include <cstddef>\n#include <cstdio>\n#include <onnxruntime_c_api.h>\nint main() {{ {body} }}"
    program = pathlib.Path("/var/tmp/ort_api_header")
    subprocess.run(["g++", "-x", "c++", f"-I{folder}", "-o", program, "-"], input=source, text=True, check=True)
    lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split("\n")
    program.unlink()
    return dict((name, int(value)) for name, value in (line.rsplit("=", 1) for line in lines if line))


def declarations(folder):
    """The members of OrtApi by name, as `(result, parameters)` in plain C."""
    source = "#define NO_EXCEPTION\n#include <onnxruntime_c_api.h>\n"
    text = subprocess.run(
        ["g++", "-E", "-P", "-x", "c++", f"-I{folder}", "-"], input=source, text=True, capture_output=True, check=True
    ).stdout
    text = re.sub(r"__attribute__\s*\(\(.*?\)\)\)?|noexcept|ORT_ALL_ARGS_NONNULL", " ", text)
    body = re.search(r"struct OrtApi \{(.*?)\n\};", text, re.S).group(1)
    members = {}
    for member in body.split(";"):
        match = re.search(r"([\w\s*]+?)\(\s*\*\s*(\w+)\s*\)\s*\((.*)\)", " ".join(member.split()))
        if match is None:
            continue
        result, name, parameters = match.groups()
        result = result.strip().replace("OrtStatusPtr", "OrtStatus*")
        members[name] = (tidy(result), [tidy(one) for one in parameters.split(",")])
    return members


def tidy(declaration):
    """Spaces and stars as fovea writes them: `const char* const* names`."""
    return re.sub(r"\s*\*", "*", re.sub(r"\*(?=\w)", "* ", " ".join(declaration.replace("struct ", "").split())))


def since(header):
    """The version in which each member came, where its documentation says so."""
    body = header[header.index("struct OrtApi {"):]
    found = {}
    version = None
    names = "|".join(NAMES)
    for match in re.finditer(r"\\since Version (\d+\.\d+)|(?:ORT_API2_STATUS\(|ORT_API_CALL\s*\*\s*)(\w+)", body):
        if match.group(1):
            version = match.group(1)
            continue
        if re.fullmatch(names, match.group(2)):
            found[match.group(2)] = version
        version = None
    return found


def main():
    folder = pathlib.Path(sys.argv[1])
    header = (folder / "onnxruntime_c_api.h").read_text()
    members = declarations(folder)
    versions = since(header)
    prints = [f'printf("{n}=%zu\\n", offsetof(OrtApi, {n}) / sizeof(void*));' for n in NAMES]
    slots = compile_and_run(folder, "\n".join(prints))
    sizes = compile_and_run(folder, "\n".join(f'printf("{n}=%zu\\n", sizeof({n}));' for n in SIZES))
    values = compile_and_run(folder, "\n".join(f'printf("{n}=%d\\n", int({n}));' for n in VALUES))
    functions = {}
    for name in sorted(NAMES, key=slots.get):
        result, parameters = members[name]
        functions[name] = {
            "slot": slots[name],
            "since": versions.get(name),
            "declaration": f"{result} {name}({', '.join(parameters)})",
        }
    fixture = {
        "header": "onnxruntime_c_api.h",
        "apiVersion": int(re.search(r"#define ORT_API_VERSION (\d+)", header).group(1)),
        "functions": functions,
        "sizes": sizes,
        "values": values,
    }
    out = pathlib.Path(__file__).with_name("ort_api_header.json")
    out.write_text(json.dumps(fixture, indent=2) + "\n")


main()
