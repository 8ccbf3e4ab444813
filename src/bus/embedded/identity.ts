/** The version of Redis whose behaviour this broker follows; clients look at it. */
export const SERVER_VERSION = "7.0.15";

/** How the broker names itself in INFO. */
export const SERVER_NAME = "aimie-embedded";
