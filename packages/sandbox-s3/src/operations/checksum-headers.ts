/** Headers with which a body is proved. The SDKs also name the algorithm in one of their own. */
export const checksumHeaders = ['x-amz-checksum-*', 'x-amz-sdk-checksum-algorithm', 'x-amz-trailer'];
