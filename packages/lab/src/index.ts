export type { DataSet, Truth } from "./data.js";
export type { Curve, DataSummary, Histogram, Machine, Measured, Result } from "./results.js";
