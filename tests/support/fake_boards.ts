// Files of Jetson boards as their systems show them, written from descriptions of real ones, with
// other numbers.

/** A Jetson Nano with JetPack 4.6. */
export const NANO: Readonly<Record<string, string>> = {
  "/proc/device-tree/model": "NVIDIA Jetson Nano Developer Kit\0",
  "/proc/device-tree/compatible": "nvidia,p3449-0000-b00\0nvidia,jetson-nano\0nvidia,tegra210\0",
  "/etc/nv_tegra_release":
    "# R32 (release), REVISION: 7.1, GCID: 29689809, BOARD: t210ref, EABI: aarch64, DATE: Wed\n",
  "/sys/devices/gpu.0/load": "254\n",
  "/sys/class/devfreq/57000000.gpu/cur_freq": "76800000\n",
  "/sys/class/devfreq/57000000.gpu/min_freq": "76800000\n",
  "/sys/class/devfreq/57000000.gpu/max_freq": "921600000\n",
  "/sys/devices/virtual/thermal/thermal_zone0/type": "AO-therm\n",
  "/sys/devices/virtual/thermal/thermal_zone0/temp": "44500\n",
  "/sys/devices/virtual/thermal/thermal_zone1/type": "GPU-therm\n",
  "/sys/devices/virtual/thermal/thermal_zone1/temp": "39000\n",
  "/sys/devices/virtual/thermal/thermal_zone2/type": "PMIC-Die\n",
  "/sys/devices/virtual/thermal/thermal_zone2/temp": "50000\n",
  "/sys/devices/virtual/thermal/cooling_device0/type": "pwm-fan\n",
  "/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/rail_name_0": "POM_5V_IN\n",
  "/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/in_power0_input": "1754\n",
  "/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/rail_name_1": "POM_5V_GPU\n",
  "/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/in_power1_input": "0\n",
  "/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/rail_name_2": "POM_5V_CPU\n",
  "/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/in_power2_input": "366\n",
  "/var/lib/nvpmodel/status": "pmode:0001 fmode:quiet\n",
  "/etc/nvpmodel.conf": "< POWER_MODEL ID=0 NAME=MAXN >\n< POWER_MODEL ID=1 NAME=5W >\n",
};

const ORIN_HWMON = "/sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1";

/** A Jetson Orin Nano with JetPack 6.2. */
export const ORIN_NANO: Readonly<Record<string, string>> = {
  "/proc/device-tree/model": "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super\0",
  "/proc/device-tree/compatible": "nvidia,p3768-0000+p3767-0005-super\0nvidia,tegra234\0",
  "/etc/nv_tegra_release":
    "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64, DATE: Wed\n" +
    "# KERNEL_VARIANT: oot\nTARGET_USERSPACE_LIB_DIR=nvidia\n" +
    "TARGET_USERSPACE_LIB_DIR_PATH=usr/lib/aarch64-linux-gnu/nvidia\n",
  "/sys/class/devfreq/13e40000.host1x/device/of_node/name": "host1x\0",
  "/sys/class/devfreq/13e40000.host1x/device/load": "999\n",
  "/sys/class/devfreq/17000000.gpu/device/of_node/name": "gpu\0",
  "/sys/class/devfreq/17000000.gpu/device/load": "631\n",
  "/sys/class/devfreq/17000000.gpu/cur_freq": "612000000\n",
  "/sys/class/devfreq/17000000.gpu/min_freq": "306000000\n",
  "/sys/class/devfreq/17000000.gpu/max_freq": "1020000000\n",
  "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "729600\n",
  "/sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq": "729600\n",
  "/sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "1728000\n",
  "/sys/devices/system/cpu/cpu10/online": "0\n",
  "/sys/devices/system/cpu/cpu2/cpufreq/scaling_cur_freq": "1728000\n",
  "/sys/devices/system/cpu/cpufreq/policy0/affected_cpus": "0\n",
  "/sys/devices/virtual/thermal/thermal_zone0/type": "cpu-thermal\n",
  "/sys/devices/virtual/thermal/thermal_zone0/temp": "53968\n",
  "/sys/devices/virtual/thermal/thermal_zone1/type": "gpu-thermal\n",
  "/sys/devices/virtual/thermal/thermal_zone1/temp": "52437\n",
  "/sys/devices/virtual/thermal/thermal_zone2/type": "cv0-thermal\n",
  "/sys/devices/virtual/thermal/thermal_zone2/temp": "-256000\n",
  "/sys/devices/virtual/thermal/thermal_zone3/type": "cv1-thermal\n",
  [`${ORIN_HWMON}/in1_label`]: "VDD_IN\n",
  [`${ORIN_HWMON}/in1_input`]: "5072\n",
  [`${ORIN_HWMON}/curr1_input`]: "952\n",
  [`${ORIN_HWMON}/in2_label`]: "VDD_CPU_GPU_CV\n",
  [`${ORIN_HWMON}/in2_input`]: "5064\n",
  [`${ORIN_HWMON}/curr2_input`]: "104\n",
  [`${ORIN_HWMON}/in3_label`]: "VDD_SOC\n",
  [`${ORIN_HWMON}/in3_input`]: "5064\n",
  [`${ORIN_HWMON}/in7_label`]: "sum of shunt voltages\n",
  "/var/lib/nvpmodel/status": "pmode:0000\n",
  "/etc/nvpmodel.conf": "# a comment\n< POWER_MODEL ID=0 NAME=15W >\nCPU_ONLINE CORE_0 1\n" +
    "< POWER_MODEL ID=1 NAME=25W >\n< POWER_MODEL ID=2 NAME=MAXN_SUPER >\n" +
    "< PM_CONFIG DEFAULT=1 >\n",
  "/proc/meminfo": "MemTotal:        7803096 kB\nMemFree:          400000 kB\n" +
    "MemAvailable:    4200000 kB\nSwapTotal:       3901548 kB\nSwapFree:        3901000 kB\n" +
    "NvMapMemUsed:     120000 kB\n",
};

/** A Jetson AGX Thor with JetPack 7, whose GPU tells its load through a library only. */
export const THOR: Readonly<Record<string, string>> = {
  "/proc/device-tree/model": "NVIDIA Jetson AGX Thor Developer Kit\0",
  "/proc/device-tree/compatible":
    "nvidia,p4071-0000+p3834-0008\0nvidia,p3834-0008\0nvidia,tegra264\0",
  "/etc/nv_tegra_release":
    "# R39 (release), REVISION: 2.10, GCID: 44000000, BOARD: generic, EABI: aarch64, DATE: Sat\n",
  "/sys/class/devfreq/gpu-gpc-0/cur_freq": "1574000000\n",
  "/sys/class/devfreq/gpu-gpc-0/min_freq": "1574000000\n",
  "/sys/class/devfreq/gpu-gpc-0/max_freq": "1574000000\n",
};
