/**
 * ONNX Runtime from 1.30 reports the use of each model to its maker over the Internet
 * and keeps an identifier of the machine below the home directory, unless this
 * variable is set before it is loaded. This module comes first wherever it is loaded,
 * and wherever a process or thread that loads it is started: threads have only a copy
 * of the environment, which the library does not read.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
