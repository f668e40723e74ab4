/** Records that the server of these runs keeps of each room: few, so that its heap soon is as full as it will ever be. */
export const LOG_RECORDS = 300;
