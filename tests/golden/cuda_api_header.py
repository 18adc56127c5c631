"""Makes cuda_api_header.json: what NVIDIA's own header says about the functions fovea calls.

The header cuda.h comes with any CUDA toolkit; this file was made from the one of CUDA 13.0
(nvidia-cuda-runtime 13.0.96), with g++ 12.2:

    python3 tests/golden/cuda_api_header.py <folder with cuda.h>

The preprocessor tells under which name the library exports a function, and what types really are.
"""

import json
import pathlib
import re
import subprocess
import sys

# As programs write them; the header may redefine a name to one with a version.
NAMES = """
cuInit cuDriverGetVersion cuGetErrorName cuGetErrorString cuDeviceGetCount cuDeviceGet
cuDeviceGetName cuDeviceGetAttribute cuDeviceTotalMem cuDevicePrimaryCtxSetFlags
cuDevicePrimaryCtxRetain cuDevicePrimaryCtxRelease cuCtxSetCurrent cuCtxSynchronize cuMemGetInfo
cuMemAlloc cuMemFree cuMemHostAlloc cuMemFreeHost cuMemHostGetDevicePointer cuMemcpyHtoD
cuMemcpyDtoH cuMemcpyHtoDAsync cuMemcpyDtoHAsync cuMemsetD8Async cuStreamCreate cuStreamDestroy
cuStreamSynchronize cuStreamQuery cuStreamWaitEvent cuEventCreate cuEventDestroy cuEventRecord
cuEventQuery cuEventSynchronize cuEventElapsedTime cuModuleLoadDataEx cuModuleUnload
cuModuleGetFunction cuLaunchKernel
""".split()

# Exported by all drivers under the plain name; the one with a version came with CUDA 12.8.
PLAIN = ["cuEventElapsedTime"]

# Values of enumerations that the binding passes or reads.
VALUES = """
CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT CU_DEVICE_ATTRIBUTE_INTEGRATED
CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR CU_CTX_SCHED_BLOCKING_SYNC CU_MEMHOSTALLOC_DEVICEMAP
CU_STREAM_NON_BLOCKING CU_EVENT_BLOCKING_SYNC CU_EVENT_DISABLE_TIMING CU_JIT_ERROR_LOG_BUFFER
CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES CUDA_SUCCESS CUDA_ERROR_OUT_OF_MEMORY CUDA_ERROR_NOT_READY
CUDA_ERROR_UNSUPPORTED_PTX_VERSION
""".split()

# Errors that the binding explains, and those after which a context is of no use.
ERRORS = """
NOT_INITIALIZED STUB_LIBRARY DEVICE_UNAVAILABLE NO_DEVICE INVALID_DEVICE NO_BINARY_FOR_GPU
INVALID_PTX JIT_COMPILER_NOT_FOUND UNSUPPORTED_PTX_VERSION SYSTEM_NOT_READY SYSTEM_DRIVER_MISMATCH
COMPAT_NOT_SUPPORTED_ON_DEVICE ECC_UNCORRECTABLE NVLINK_UNCORRECTABLE ILLEGAL_ADDRESS
LAUNCH_TIMEOUT CONTEXT_IS_DESTROYED ASSERT HARDWARE_STACK_ERROR ILLEGAL_INSTRUCTION
MISALIGNED_ADDRESS INVALID_ADDRESS_SPACE INVALID_PC LAUNCH_FAILED TENSOR_MEMORY_LEAK
""".split()


def preprocess(folder, text):
    command = ["g++", "-x", "c++", "-E", "-P", f"-I{folder}", "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True).stdout


def run(folder, body):
    source = f"#include <cstdio>\n#include <cuda.h>\nint main() {{ {body} }}"
    program = pathlib.Path("/var/tmp/cuda_api_header")
    command = ["g++", "-x", "c++", f"-I{folder}", "-o", program, "-"]
    subprocess.run(command, input=source, text=True, check=True)
    out = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    program.unlink()
    return dict(line.split(" ") for line in out.split("\n") if line)


def main(folder):
    names = "\n".join(f"EXPORTED {name} {name}" for name in NAMES).replace("EXPORTED ", "EXPORTED_")
    header = preprocess(folder, "#include <cuda.h>\n" + names)
    exported = dict(re.findall(r"EXPORTED_(\w+) (\w+)", header))
    functions = {}
    for name, symbol in exported.items():
        found = re.search(r"CUresult\s+" + symbol + r"\(([^)]*)\);", header)
        parameters = " ".join(found[1].split())
        functions[name if name in PLAIN else symbol] = [] if parameters == "void" else parameters.split(", ")
    show = "".join(f'printf("{value} %d\\n", (int){value});' for value in VALUES)
    show += "".join(f'printf("{name} %d\\n", (int)CUDA_ERROR_{name});' for name in ERRORS)
    values = {name: int(value) for name, value in run(folder, show).items()}
    version = int(re.search(r"#define CUDA_VERSION (\d+)", pathlib.Path(folder, "cuda.h").read_text())[1])
    document = {
        "cudaVersion": version,
        "functions": functions,
        "values": {name: values[name] for name in VALUES},
        "errors": {name: values[name] for name in ERRORS},
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(document, indent=2) + "\n")


main(sys.argv[1])
