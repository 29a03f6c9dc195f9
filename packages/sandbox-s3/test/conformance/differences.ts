/** Facts about S3 that another server does not match, and why. */
export interface Difference {
  /** Name of the server, as in `judges/`. */
  readonly judge: string;
  readonly reason: string;
  /** The message of the failure must match. A fact that fails in another way is not a known difference. */
  readonly failure?: RegExp;
  /** The exact titles of the facts. */
  readonly facts: readonly string[];
}

/**
 * Known differences of moto 5.2.5, versitygw 1.8.0 and Swift 2.30.1. A test fails for a difference that is not in this
 * table, and for one in this table that no longer exists.
 */
export const differences: readonly Difference[] = [
  {
    judge: 'versitygw',
    reason:
      'its posix backend stores keys as files and folders, so a folder has no data and some keys cannot be paths',
    facts: [
      'a key, the same key with a slash at its end, and keys below that can exist together',
      'a listing with encoding-type=url contains every awkward key, in the order of their bytes',
      'every awkward key can be the source and the destination of a copy, and can be deleted',
      'every awkward key is written and read unchanged',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'objects do not have ACLs, so their headers are ignored or not implemented',
    facts: [
      'PutObjectAcl sets a canned ACL',
      'S3 answers 405 to a grant to an email address',
      'a new bucket accepts only the ACL bucket-owner-full-control',
      'a bucket with ACLs stores the grants of an object, and a copy does not inherit them',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it has one storage class, STANDARD',
    facts: [
      'S3 answers 403 when a part is copied from an archived object',
      'only archived objects can be restored',
      'a storage class is stored and listed, and HEAD does not show STANDARD',
      'an unknown storage class is answered InvalidStorageClass',
      'S3 shows the properties of an archived object, but answers 403 when it is read or copied',
      'a multipart object has the storage class and the tags of Create',
      'a copy does not have the storage class of its source',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it does not support server-side encryption',
    facts: [
      'the default encryption of a bucket applies to puts, copies and multipart uploads',
      'a new bucket refuses customer keys',
      'every object is encrypted, with SSE-S3 by default',
      'the ETag of an object with SSE-KMS is not the MD5 of its bytes',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it accepts gaps in part numbers; users report that S3 answers 500, but AWS does not document it',
    facts: ['the part numbers of an upload with a named algorithm must be 1, 2, 3 …'],
  },
  {
    judge: 'versitygw',
    reason: 'it answers InvalidRequest to a wrong checksum of the object',
    failure: /answered InvalidRequest 400/,
    facts: ['a wrong checksum of the object at Complete is answered BadDigest, and no object is published'],
  },
  {
    judge: 'versitygw',
    reason: 'it does not accept several attributes in one header',
    facts: [
      'GetObjectAttributes lists the parts of COMPOSITE objects, and counts the parts of others',
      'GetObjectAttributes returns the ETag without quotes',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it answers 304 to copies where S3 answers 412',
    failure: /answered Unknown 304/,
    facts: [
      'UploadPartCopy checks conditions on the source',
      'S3 answers 412, and never 304, when copy-source-if-none-match or a date is not met',
      'a copy fails if copy-source-if-modified-since is met and copy-source-if-none-match is not',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it ignores conditions on the destination of a copy',
    failure: /answered no error 200/,
    facts: ['CopyObject checks conditions on its destination'],
  },
  {
    judge: 'versitygw',
    reason: 'it ignores the ETags of DeleteObjects',
    facts: ['DeleteObjects checks the ETag of each key, and reports the keys that it did not delete'],
  },
  {
    judge: 'versitygw',
    reason: 'it does not implement Quiet or the limit of 1,000 keys',
    facts: [
      'a quiet DeleteObjects reports only errors',
      'a DeleteObjects with more than 1,000 keys is answered MalformedXML',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it answers InvalidRequest to such a document',
    facts: ['a DeleteObjects with a key that XML 1.0 cannot contain is answered MalformedXML'],
  },
  {
    judge: 'versitygw',
    reason: 'it ignores encoding-type, and writes control characters as replacement characters',
    facts: [
      'a listing with encoding-type=url writes a space as a plus sign and does not encode a slash',
      'a listing without encoding-type writes control characters as character references',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it accepts any text as a continuation token',
    facts: ['a max-keys that is not a number and an invalid continuation token are answered InvalidArgument'],
  },
  {
    judge: 'versitygw',
    reason: 'it returns the next marker even without a delimiter',
    facts: ['ListObjects continues pages with a marker'],
  },
  {
    judge: 'versitygw',
    reason: 'the date of a multipart object is the date of Complete',
    facts: [
      'the upload that was created last becomes the current version, even if it was completed first',
      'the date of a multipart object is the date of Create',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it sorts the uploads of a key by id, not by age',
    facts: ['ListMultipartUploads lists open uploads in pages, by key and then by age'],
  },
  {
    judge: 'versitygw',
    reason: 'it accepts open ranges, and ranges of small sources',
    facts: [
      'UploadPartCopy refuses a range of a source of up to 5 MiB',
      'UploadPartCopy accepts a range only in the form bytes=first-last',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it stores aws-chunked as the encoding of the object',
    facts: [
      'a body in signed chunks is stored without the chunk headers',
      'a checksum in a trailer must match the body',
      'the signature of a trailer depends on the signature of the last chunk',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it answers 404 to an unknown access key',
    facts: [
      'a wrong secret key is answered SignatureDoesNotMatch, and an unknown access key InvalidAccessKeyId',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it answers like S3 in a region other than us-east-1',
    facts: ['the owner of a bucket in us-east-1 can create it again'],
  },
  {
    judge: 'versitygw',
    reason: 'it accepts two dots in a row',
    facts: ['a bucket with an invalid name is refused'],
  },
  {
    judge: 'versitygw',
    reason: 'it returns DeleteMarker false, which S3 omits',
    facts: ['DeleteObjects accepts version ids and returns the delete markers that it makes'],
  },
  {
    judge: 'versitygw',
    reason: 'a listing starts with the marked key, not after it',
    facts: [
      'no version is missed when a listing continues after a null version',
      'ListObjectVersions lists keys in pages and in order, the newest version of each key first',
      'a listing of versions with only a key marker starts after all versions of that key',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it copies a delete marker as if it were an empty object',
    failure: /answered no error 200/,
    facts: ['a copy of a deleted key answers 404, and of a delete marker by its version id 400'],
  },
  {
    judge: 'versitygw',
    reason: 'it answers 412 to If-Match for a delete marker',
    facts: ['a write to a deleted key succeeds with If-None-Match *, and gets 404 with If-Match'],
  },
  {
    judge: 'versitygw',
    reason: 'it needs the marked version, which no longer exists',
    failure: /expected undefined to deeply equal/,
    facts: ['a listing of versions can continue after a version that was deleted in the meantime'],
  },
  {
    judge: 'versitygw',
    reason: 'it needs the marked version, which no longer exists',
    failure: /expected \[ 200, /,
    facts: ['an invalid version id marker is answered InvalidArgument'],
  },
  {
    judge: 'versitygw',
    reason: 'it lists again a common prefix that contains the marker',
    failure: /to be undefined/,
    facts: ['a common prefix that contains the key marker is not listed again'],
  },
  {
    judge: 'versitygw',
    reason: 'it checks only the current state of the destination of a Complete',
    failure: /answered no error 200/,
    facts: [
      'a Complete with If-Match gets 404 when the key was deleted after Create, and 409 when it was written again',
      'a Complete with If-None-Match * always gets 409 when the key was deleted after Create',
      'a Complete with If-Match always gets 409 when the object was written after Create',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it treats the asterisk as a wrong ETag',
    failure: /answered PreconditionFailed 412/,
    facts: ['S3 answers 501 to a write with * in If-Match, an ETag in If-None-Match, or both headers'],
  },
  {
    judge: 'versitygw',
    reason: 'its error does not contain the condition',
    failure: /<Condition>x-amz-copy-source-If-Match/,
    facts: ['the error of a copy names the condition that is not met'],
  },
  {
    judge: 'versitygw',
    reason: 'it does not remember an aborted upload',
    failure: /upload does not exist/,
    facts: ['a repeated Abort gets the same answer'],
  },
  {
    judge: 'versitygw',
    reason: 'it returns next markers only if there is a next page',
    failure: /to match object/,
    facts: ['the last page of ListMultipartUploads also contains the next markers'],
  },
  {
    judge: 'versitygw',
    reason: 'it returns an upload id marker that it ignores',
    failure: /expected '[^']+' to be ''/,
    facts: ['an upload id marker must belong to the key marker, and is ignored without one'],
  },
  {
    judge: 'versitygw',
    reason: 'it compares dates more precisely than headers show them',
    failure: /expected 200 to be 304/,
    facts: ['S3 answers 304 to a read when If-None-Match or If-Modified-Since is not met'],
  },
  {
    judge: 'versitygw',
    reason: 'it ignores the bypass',
    failure: /answered no error 200/,
    facts: ['a bypass of governance in a bucket without Object Lock is answered InvalidArgument'],
  },
  {
    judge: 'versitygw',
    reason: 'it does not return the version null',
    failure: /expected undefined to be .null/,
    facts: ['a copy and a Complete write the null version when versioning is suspended'],
  },
  {
    judge: 'moto',
    reason: 'it does not enforce object ownership, and accepts email grantees',
    facts: [
      'a bucket created with the ACL private has ACLs enabled, and every other ACL is refused',
      'S3 answers 405 to a grant to an email address',
      'a new bucket accepts only the ACL bucket-owner-full-control',
    ],
  },
  {
    judge: 'moto',
    reason: 'it checks neither signatures nor signed hashes',
    facts: [
      'a request without a signed host is answered AccessDenied',
      'a request with an x-amz-… header that is not signed is answered AccessDenied',
      'a trailer with a wrong signature is refused',
      'a body that does not match its signed SHA-256 is refused',
      'a chunk with a wrong signature is refused',
      'a request without a signature is answered AccessDenied',
      'a wrong secret key is answered SignatureDoesNotMatch, and an unknown access key InvalidAccessKeyId',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not check a checksum in a trailer',
    failure: /expected \[/,
    facts: ['a trailer that is missing, another or not announced is answered MalformedTrailerError'],
  },
  {
    judge: 'moto',
    reason: 'it does not check a checksum in a trailer',
    failure: /expected 200 to be 400/,
    facts: ['a checksum in a trailer must match the body'],
  },
  {
    judge: 'moto',
    reason: 'it returns the checksums of clients without computing or checking them, and without their type',
    failure: /to match object/,
    facts: [
      'a COMPOSITE checksum is the checksum of the checksums of the parts, followed by their number',
      'a CopyObject of an object with a COMPOSITE checksum has the checksum of all bytes',
      'GetObjectAttributes lists the parts of COMPOSITE objects, and counts the parts of others',
      'ListParts shows the checksums of an upload with a named algorithm',
      'an entry of a listing has a key, size, quoted ETag, date, storage class and checksum algorithm',
      'an object that is sent without a checksum gets the CRC64NVME of all its bytes',
      'each checksum algorithm is stored and shown',
      'each checksum algorithm added in 2026 is stored and shown, also by copies and parts',
    ],
  },
  {
    judge: 'moto',
    reason: 'it returns the checksums of clients without computing or checking them, and without their type',
    failure: /answered no error 200/,
    facts: [
      'an upload with CRC64NVME cannot be COMPOSITE, and an upload with SHA256 cannot be FULL_OBJECT',
      'a multipart upload with an algorithm added in 2026 cannot be FULL_OBJECT',
      'Complete must list the checksum of every part of a COMPOSITE upload',
      'a part with a checksum of another algorithm than its upload is answered InvalidRequest',
      'a wrong checksum is answered BadDigest, and no object is written',
      'a wrong checksum of the object at Complete is answered BadDigest, and no object is published',
      'the part numbers of an upload with a named algorithm must be 1, 2, 3 …',
    ],
  },
  {
    judge: 'moto',
    reason: 'it returns the checksums of clients without computing or checking them, and without their type',
    failure: /expected undefined to be/,
    facts: [
      'UploadPartCopy returns a checksum only if Create named an algorithm',
      'a GET shows the checksum of an object, unless it asks for a range',
      'a copy has the checksum algorithm of its source, unless the request names another',
      'a multipart object without a named algorithm has the CRC64NVME of all its bytes',
    ],
  },
  {
    judge: 'moto',
    reason: 'it returns the checksums of clients without computing or checking them, and without their type',
    failure: /expected 200 to be 400/,
    facts: ['a checksum with the wrong length is answered InvalidRequest'],
  },
  {
    judge: 'moto',
    reason: 'it neither computes checksums nor lists parts',
    failure: /to match object/,
    facts: ['GetObjectAttributes returns the ETag without quotes'],
  },
  {
    judge: 'moto',
    reason: 'it does not show default encryption, and its ETags are always MD5',
    facts: [
      'the default encryption of a bucket applies to puts, copies and multipart uploads',
      'a new bucket refuses customer keys',
      'every object is encrypted, with SSE-S3 by default',
      'the ETag of an object with SSE-KMS is not the MD5 of its bytes',
    ],
  },
  {
    judge: 'moto',
    reason: 'it checks conditions on the destination only for PutObject',
    failure: /answered no error 200/,
    facts: [
      'Complete checks conditions on the destination',
      'CopyObject checks conditions on its destination',
    ],
  },
  {
    judge: 'moto',
    reason: 'it ignores the ETags of DeleteObjects',
    facts: ['DeleteObjects checks the ETag of each key, and reports the keys that it did not delete'],
  },
  {
    judge: 'moto',
    reason: 'it ignores conditions on the copy source or implements only a part',
    failure: /answered no error 200/,
    facts: [
      'UploadPartCopy checks conditions on the source',
      'S3 answers 412 when the copy source does not have the ETag of copy-source-if-match',
      'S3 answers 412, and never 304, when copy-source-if-none-match or a date is not met',
    ],
  },
  {
    judge: 'moto',
    reason: 'it copies the redirect',
    failure: /expected '.other' to be undefined/,
    facts: ['a copy does not have the website redirect of its source'],
  },
  {
    judge: 'moto',
    reason: 'it ignores expected owners',
    facts: [
      'S3 answers 403 to a copy when the source or destination bucket has another owner than expected',
      'S3 answers 403 when a bucket has another owner than expected',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not implement Quiet or the limit of 1,000 keys',
    facts: [
      'a quiet DeleteObjects reports only errors',
      'a DeleteObjects with more than 1,000 keys is answered MalformedXML',
    ],
  },
  {
    judge: 'moto',
    reason: 'its XML parser fails on control characters, and it writes them raw',
    facts: [
      'a DeleteObjects with a key that XML 1.0 cannot contain is answered MalformedXML',
      'a listing without encoding-type writes control characters as character references',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not check Content-MD5',
    failure: /expected 200 to be 400/,
    facts: [
      'a malformed Content-MD5 is answered InvalidDigest',
      'a DeleteObjects with a wrong Content-MD5 deletes nothing',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not check Content-MD5',
    failure: /answered no error 200/,
    facts: ['a wrong Content-MD5 is answered BadDigest, and no object is written'],
  },
  {
    judge: 'moto',
    reason: 'it counts the characters of a key, not its bytes',
    facts: ['a key of 1,025 bytes is answered KeyTooLongError, even if it has fewer characters'],
  },
  {
    judge: 'moto',
    reason: 'its web framework normalizes paths, and it encodes keys like paths',
    facts: [
      'a listing with encoding-type=url contains every awkward key, in the order of their bytes',
      'a plus sign in a copy source that is not encoded stands for a space',
      'every awkward key can be the source and the destination of a copy, and can be deleted',
      'a listing with encoding-type=url writes a space as a plus sign and does not encode a slash',
      'every awkward key is written and read unchanged',
    ],
  },
  {
    judge: 'moto',
    reason: 'it checks few parameters of a listing, and uses other tokens',
    facts: [
      'a continuation token takes precedence over start-after',
      'a listing with max-keys 0 has no entries, and max-keys above 1,000 counts as 1,000',
      'a max-keys that is not a number and an invalid continuation token are answered InvalidArgument',
      'ListObjects continues pages with a marker',
    ],
  },
  {
    judge: 'moto',
    reason: 'a copy keeps the parts of its source',
    failure: /expected 2 to be undefined/,
    facts: ['a CopyObject of a multipart object makes a simple object whose ETag is the MD5 of its bytes'],
  },
  {
    judge: 'moto',
    reason: 'it accepts the same part twice',
    facts: ['a Complete that lists parts out of order or twice is answered InvalidPartOrder'],
  },
  {
    judge: 'moto',
    reason: 'it answers NoSuchUpload to a part number that is out of range',
    facts: ['a part number must be from 1 to 10,000'],
  },
  {
    judge: 'moto',
    reason: 'its ListParts fails on an aborted upload',
    facts: ['Abort answers 204, removes the parts, and makes the upload NoSuchUpload'],
  },
  {
    judge: 'moto',
    reason: 'it finds an upload by its id only',
    facts: ['an upload id is not valid for another key'],
  },
  {
    judge: 'moto',
    reason: 'it ignores MpuObjectSize',
    failure: /answered no error 200/,
    facts: ['a Complete with a wrong MpuObjectSize is answered InvalidRequest, and no object is published'],
  },
  {
    judge: 'moto',
    reason: 'the date of a multipart object is the date of Complete',
    facts: [
      'the upload that was created last becomes the current version, even if it was completed first',
      'the date of a multipart object is the date of Create',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not truncate ListParts before the last page',
    facts: ['ListParts continues pages by part number'],
  },
  {
    judge: 'moto',
    reason: 'it lists uploads in the order of their creation, without pages',
    facts: [
      'an upload id marker must belong to the key marker, and is ignored without one',
      'the last page of ListMultipartUploads also contains the next markers',
      'ListMultipartUploads lists open uploads in pages, by key and then by age',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not return Content-Range for a part',
    facts: ['a part of a multipart object can be read by its number'],
  },
  {
    judge: 'moto',
    reason: 'it does not limit the total size of metadata',
    facts: ['metadata of more than 2 KB is refused'],
  },
  {
    judge: 'moto',
    reason: 'it accepts any unit in a range',
    facts: ['a malformed range is ignored'],
  },
  {
    judge: 'moto',
    reason: 'If-Match does not take precedence over If-Unmodified-Since',
    failure: /At least one of the pre-conditions/,
    facts: ['S3 answers 412 to a read when If-Match or If-Unmodified-Since is not met'],
  },
  {
    judge: 'moto',
    reason: 'its error has another form',
    facts: ['a simple object can be read as part number 1, and has no other parts'],
  },
  {
    judge: 'moto',
    reason: 'it checks neither the form nor the bounds of a copied range',
    facts: [
      'UploadPartCopy refuses a range of a source of up to 5 MiB',
      'UploadPartCopy accepts a range only in the form bytes=first-last',
      'UploadPartCopy refuses a range that ends after the source',
    ],
  },
  {
    judge: 'moto',
    reason: 'it answers NotFound to a missing source or upload',
    facts: ['UploadPartCopy answers NoSuchKey for a missing source, and NoSuchUpload for a missing upload'],
  },
  {
    judge: 'moto',
    reason: 'it sends no request id',
    facts: ['an error has a code, and every answer a request id'],
  },
  {
    judge: 'moto',
    reason: 'it accepts values of more than 256 characters',
    facts: ['tag keys are unique and have up to 128 characters, and tag values up to 256'],
  },
  {
    judge: 'moto',
    reason: 'it accepts uppercase letters',
    facts: ['a bucket with an invalid name is refused'],
  },
  {
    judge: 'moto',
    reason: 'it returns Years 0',
    facts: ['a new version in a bucket with default retention cannot be deleted'],
  },
  {
    judge: 'moto',
    reason: 'it does not return the header of delete markers',
    facts: ['a GET of a deleted key answers 404, and of a delete marker by its version id 405'],
  },
  {
    judge: 'moto',
    reason: 'it does not report that a removed version was a delete marker',
    facts: [
      'an object reappears when its delete marker is deleted, and a deleted version is removed permanently',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not store null versions',
    facts: [
      'a delete replaces the null version by a null delete marker when versioning is suspended',
      'a copy and a Complete write the null version when versioning is suspended',
      'no version is missed when a listing continues after a null version',
      'an object from before versioning has the version null',
    ],
  },
  {
    judge: 'moto',
    reason: 'it answers NoSuchVersion to a copy of a delete marker',
    facts: ['a copy of a deleted key answers 404, and of a delete marker by its version id 400'],
  },
  {
    judge: 'moto',
    reason: 'it needs the marked version, which no longer exists',
    failure: /expected undefined to deeply equal/,
    facts: ['a listing of versions can continue after a version that was deleted in the meantime'],
  },
  {
    judge: 'moto',
    reason: 'it needs the marked version, which no longer exists',
    failure: /expected \[ 200, /,
    facts: ['an invalid version id marker is answered InvalidArgument'],
  },
  {
    judge: 'moto',
    reason: 'it lists again a common prefix that contains the marker',
    failure: /to be undefined/,
    facts: ['a common prefix that contains the key marker is not listed again'],
  },
  {
    judge: 'moto',
    reason: 'it checks only the current state of the destination of a Complete',
    failure: /answered no error 200/,
    facts: [
      'a Complete with If-Match gets 404 when the key was deleted after Create, and 409 when it was written again',
      'a Complete with If-None-Match * always gets 409 when the key was deleted after Create',
      'a Complete with If-Match always gets 409 when the object was written after Create',
    ],
  },
  {
    judge: 'moto',
    reason: 'it treats the asterisk as a wrong ETag',
    failure: /answered PreconditionFailed 412/,
    facts: ['S3 answers 501 to a write with * in If-Match, an ETag in If-None-Match, or both headers'],
  },
  {
    judge: 'moto',
    reason: 'its error does not contain the condition',
    failure: /<Condition>x-amz-copy-source-If-Match/,
    facts: ['the error of a copy names the condition that is not met'],
  },
  {
    judge: 'moto',
    reason: 'it does not remember an aborted upload',
    failure: /upload does not exist/,
    facts: ['a repeated Abort gets the same answer'],
  },
  {
    judge: 'moto',
    reason: 'it accepts a request without the checksum that it needs',
    failure: /\[ 200, undefined \]/,
    facts: [
      'a request that names a checksum algorithm without a checksum is answered InvalidRequest',
      'a part without a checksum is answered InvalidRequest if its upload is COMPOSITE',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not check the checksums of documents',
    failure: /status: 200/,
    facts: [
      'a DeleteObjects without a Content-MD5 or a checksum is answered InvalidRequest',
      'a DeleteObjects with a wrong checksum deletes nothing',
    ],
  },
  {
    judge: 'moto',
    reason: 'it sets tags without checking the checksum of the document',
    failure: /to be .BadDigest/,
    facts: ['a PutObjectTagging with a wrong checksum does not set tags'],
  },
  {
    judge: 'moto',
    reason: 'it returns the whole object instead of an empty part',
    failure: /expected .+ to be ''/,
    facts: ['a GET of an empty last part has an empty body'],
  },
  {
    judge: 'moto',
    reason: 'it does not ignore a date in the future',
    failure: /expected 304 to be 200/,
    facts: ['an If-Modified-Since in the future is ignored'],
  },
  {
    judge: 'moto',
    reason: 'it answers 500',
    failure: /\[ 500, undefined \]/,
    facts: ['a chunk with a malformed size is answered IncompleteBody'],
  },
  {
    judge: 'moto',
    reason: 'it ignores the bypass',
    failure: /answered no error 200/,
    facts: ['a bypass of governance in a bucket without Object Lock is answered InvalidArgument'],
  },
  {
    judge: 'moto',
    reason: 'it treats part number 0 as out of order',
    failure: /answered InvalidPartOrder 400/,
    facts: ['a Complete with part number 0 is answered InvalidArgument'],
  },
  {
    judge: 'moto',
    reason: 'it does not check the form of a version id',
    failure: /answered NoSuchVersion 404/,
    facts: ['a malformed version id is answered InvalidArgument, also for a delete'],
  },
  {
    judge: 'moto',
    reason: 'it copies parts of archived objects',
    failure: /answered no error 200/,
    facts: ['S3 answers 403 when a part is copied from an archived object'],
  },
  {
    judge: 'moto',
    reason: 'it does not return the version of the source of a part',
    failure: /expected undefined to be /,
    facts: ['UploadPartCopy copies the version that the copy source names, and returns its id'],
  },
  {
    judge: 'swift',
    reason: 'accounts of tempauth own their buckets, so ACL headers have no effect without s3_acl',
    facts: [
      'PutObjectAcl sets a canned ACL',
      'a bucket created with the ACL private has ACLs enabled, and every other ACL is refused',
      'S3 answers 405 to a grant to an email address',
      'a new bucket accepts only the ACL bucket-owner-full-control',
      'a bucket with ACLs stores the grants of an object, and a copy does not inherit them',
    ],
  },
  {
    judge: 'swift',
    reason: 'it requires Content-MD5 for DeleteObjects, and current SDKs send a checksum instead',
    facts: [
      'a DeleteObjects succeeds with a checksum or a Content-MD5',
      'a DeleteObjects with a wrong checksum deletes nothing',
      'DeleteObjects deletes up to 1,000 keys, and reports each, whether or not it exists',
      'DeleteObjects checks the ETag of each key, and reports the keys that it did not delete',
      'DeleteObjects accepts version ids and returns the delete markers that it makes',
      'a DeleteObjects with a key that XML 1.0 cannot contain is answered MalformedXML',
      'a quiet DeleteObjects reports only errors',
      'a DeleteObjects with more than 1,000 keys is answered MalformedXML',
    ],
  },
  {
    judge: 'swift',
    reason: 'version 2.30.1 of Debian does not accept aws-chunked bodies',
    facts: [
      'a trailer with a wrong signature is refused',
      'a chunk with a malformed size is answered IncompleteBody',
      'a trailer that is missing, another or not announced is answered MalformedTrailerError',
      'a body in signed chunks is stored without the chunk headers',
      'a checksum in a trailer must match the body',
      'a chunk with a wrong signature is refused',
      'the signature of a trailer depends on the signature of the last chunk',
    ],
  },
  {
    judge: 'swift',
    reason: 'it does not know checksums other than MD5',
    failure: /expected \[/,
    facts: [
      'a request that names a checksum algorithm without a checksum is answered InvalidRequest',
      'a part without a checksum is answered InvalidRequest if its upload is COMPOSITE',
    ],
  },
  {
    judge: 'swift',
    reason: 'it does not know checksums other than MD5',
    failure: /to match object/,
    facts: [
      'a COMPOSITE checksum is the checksum of the checksums of the parts, followed by their number',
      'a CopyObject of an object with a COMPOSITE checksum has the checksum of all bytes',
      'ListParts shows the checksums of an upload with a named algorithm',
      'an entry of a listing has a key, size, quoted ETag, date, storage class and checksum algorithm',
      'an object that is sent without a checksum gets the CRC64NVME of all its bytes',
      'each checksum algorithm is stored and shown',
      'each checksum algorithm added in 2026 is stored and shown, also by copies and parts',
    ],
  },
  {
    judge: 'swift',
    reason: 'it does not know checksums other than MD5',
    failure: /answered no error 200/,
    facts: [
      'an upload with CRC64NVME cannot be COMPOSITE, and an upload with SHA256 cannot be FULL_OBJECT',
      'a multipart upload with an algorithm added in 2026 cannot be FULL_OBJECT',
      'Complete must list the checksum of every part of a COMPOSITE upload',
      'a part with a checksum of another algorithm than its upload is answered InvalidRequest',
      'a wrong checksum is answered BadDigest, and no object is written',
      'a wrong checksum of the object at Complete is answered BadDigest, and no object is published',
      'the part numbers of an upload with a named algorithm must be 1, 2, 3 …',
    ],
  },
  {
    judge: 'swift',
    reason: 'it does not know checksums other than MD5',
    failure: /expected undefined to be/,
    facts: [
      'a FULL_OBJECT checksum is computed for all bytes of the object from the checksums of its parts',
      'a GET shows the checksum of an object, unless it asks for a range',
      'a copy has the checksum algorithm of its source, unless the request names another',
      'a multipart object without a named algorithm has the CRC64NVME of all its bytes',
    ],
  },
  {
    judge: 'swift',
    reason: 'it does not know checksums other than MD5',
    failure: /@aws-sdk XML parse error: unexpected content\./,
    facts: ['GetObjectAttributes lists the parts of COMPOSITE objects, and counts the parts of others'],
  },
  {
    judge: 'swift',
    reason: 'it does not know checksums other than MD5',
    facts: ['GetObjectAttributes returns the ETag without quotes'],
  },
  {
    judge: 'swift',
    reason: 'it does not know checksums other than MD5',
    failure: /expected 200 to be 400/,
    facts: ['a checksum with the wrong length is answered InvalidRequest'],
  },
  {
    judge: 'swift',
    reason: 'it has no tags',
    facts: [
      'a PutObjectTagging with a wrong checksum does not set tags',
      'a copy has the tags of its source, even when its metadata is replaced',
      'an object can have at most ten tags',
      'tag keys are unique and have up to 128 characters, and tag values up to 256',
      'a copy replaces tags if the tagging directive is REPLACE',
      'tags of an object can be set, read, replaced and removed',
      'each version of an object has its own tags',
    ],
  },
  {
    judge: 'swift',
    reason: 'it has one storage class, STANDARD',
    facts: [
      'S3 answers 403 when a part is copied from an archived object',
      'an object in GLACIER_IR can be read without a restore',
      'only archived objects can be restored',
      'a storage class is stored and listed, and HEAD does not show STANDARD',
      'S3 shows the properties of an archived object, but answers 403 when it is read or copied',
      'a multipart object has the storage class and the tags of Create',
      'a copy does not have the storage class of its source',
    ],
  },
  {
    judge: 'swift',
    reason: 'it does not support server-side encryption',
    facts: [
      'the default encryption of a bucket applies to puts, copies and multipart uploads',
      'a new bucket refuses customer keys',
      'every object is encrypted, with SSE-S3 by default',
      'the ETag of an object with SSE-KMS is not the MD5 of its bytes',
    ],
  },
  {
    judge: 'swift',
    reason: 'it has no redirects',
    facts: ['a copy does not have the website redirect of its source'],
  },
  {
    judge: 'swift',
    reason: 'it does not support conditions on writes',
    failure: /answered PreconditionFailed 412/,
    facts: [
      'a Complete with If-Match gets 404 when the key was deleted after Create, and 409 when it was written again',
      'a Complete with If-Match always gets 409 when the object was written after Create',
      'Complete checks conditions on the destination',
    ],
  },
  {
    judge: 'swift',
    reason: 'it does not support conditions on writes',
    failure: /answered no error 200/,
    facts: ['a Complete with If-None-Match * always gets 409 when the key was deleted after Create'],
  },
  {
    judge: 'swift',
    reason: 'it does not support conditions on writes',
    failure: /answered NotImplemented 501/,
    facts: [
      'CopyObject checks conditions on its destination',
      'PutObject with If-Match writes only if the object has the ETag, and answers 404 for a missing key',
      'a write to a deleted key succeeds with If-None-Match *, and gets 404 with If-Match',
    ],
  },
  {
    judge: 'swift',
    reason: 'it does not support conditions on writes',
    failure: /Conditional object PUTs are not supported\./,
    facts: ['PutObject with If-None-Match * writes only if the key does not exist'],
  },
  {
    judge: 'swift',
    reason: 'it does not support conditions on writes',
    failure: /expected \[\] to have a length of 1 but got \+0/,
    facts: ['exactly one of several concurrent writes with If-None-Match * succeeds'],
  },
  {
    judge: 'swift',
    reason: 'it checks every condition, and the ETag does not take precedence',
    failure: /At least one of the preconditions/,
    facts: ['S3 answers 412 to a read when If-Match or If-Unmodified-Since is not met'],
  },
  {
    judge: 'swift',
    reason: 'it checks every condition, and the ETag does not take precedence',
    facts: ['a copy succeeds if copy-source-if-match is met and copy-source-if-unmodified-since is not'],
  },
  {
    judge: 'swift',
    reason: 'it ignores expected owners',
    facts: [
      'S3 answers 403 to a copy when the source or destination bucket has another owner than expected',
      'S3 answers 403 when a bucket has another owner than expected',
    ],
  },
  {
    judge: 'swift',
    reason: 'it encodes a space as %20',
    facts: ['a listing with encoding-type=url writes a space as a plus sign and does not encode a slash'],
  },
  {
    judge: 'swift',
    reason: 'a plus sign in a copy source stands for a plus sign',
    facts: ['a plus sign in a copy source that is not encoded stands for a space'],
  },
  {
    judge: 'swift',
    reason: 'an object without a content type gets that of the document of Complete',
    failure: /expected \[/,
    facts: ['a multipart copy does not have the metadata of its source'],
  },
  {
    judge: 'swift',
    reason: 'it fails on a listing with a key that XML cannot contain',
    facts: ['a listing without encoding-type writes control characters as character references'],
  },
  {
    judge: 'swift',
    reason: 'it does not limit MaxKeys in its answer, and fails on an invalid token',
    facts: [
      'a listing with max-keys 0 has no entries, and max-keys above 1,000 counts as 1,000',
      'a max-keys that is not a number and an invalid continuation token are answered InvalidArgument',
    ],
  },
  {
    judge: 'swift',
    reason: 'it lists again a common prefix that contains the marker',
    facts: ['ListObjects continues pages with a marker'],
  },
  {
    judge: 'swift',
    reason: 'a copy keeps the multipart ETag of its source',
    failure: /expected '"[0-9a-f]+-2"' to be/,
    facts: ['a CopyObject of a multipart object makes a simple object whose ETag is the MD5 of its bytes'],
  },
  {
    judge: 'swift',
    reason: 'it ignores MpuObjectSize',
    failure: /answered no error 200/,
    facts: ['a Complete with a wrong MpuObjectSize is answered InvalidRequest, and no object is published'],
  },
  {
    judge: 'swift',
    reason: 'the date of a multipart object is the date of Complete',
    facts: [
      'the upload that was created last becomes the current version, even if it was completed first',
      'the date of a multipart object is the date of Create',
    ],
  },
  {
    judge: 'swift',
    reason: 'it sorts the uploads of a key by id, not by age',
    facts: ['ListMultipartUploads lists open uploads in pages, by key and then by age'],
  },
  {
    judge: 'swift',
    reason: 'it accepts a part number only for multipart objects, and does not count their parts',
    facts: [
      'a GET of an empty last part has an empty body',
      'a simple object can be read as part number 1, and has no other parts',
      'a part of a multipart object can be read by its number',
    ],
  },
  {
    judge: 'swift',
    reason: 'it answers 500 above its own limit',
    facts: ['metadata of more than 2 KB is refused'],
  },
  {
    judge: 'swift',
    reason: 'it sends a body in the answer to HEAD',
    facts: ['a missing key is answered NoSuchKey, and a HEAD gets no body'],
  },
  {
    judge: 'swift',
    reason: 'it accepts ranges of small sources',
    facts: ['UploadPartCopy refuses a range of a source of up to 5 MiB'],
  },
  {
    judge: 'swift',
    reason: 'its error for an invalid range has another code',
    facts: [
      'UploadPartCopy accepts a range only in the form bytes=first-last',
      'UploadPartCopy refuses a range that ends after the source',
    ],
  },
  {
    judge: 'swift',
    reason: 'it answers SignatureDoesNotMatch to an unknown access key',
    facts: [
      'a wrong secret key is answered SignatureDoesNotMatch, and an unknown access key InvalidAccessKeyId',
    ],
  },
  {
    judge: 'swift',
    reason: 'it answers BadDigest instead of XAmzContentSHA256Mismatch',
    failure: /to contain '<Code>XAmzContentSHA256Mismatch/,
    facts: ['a body that does not match its signed SHA-256 is refused'],
  },
  {
    judge: 'swift',
    reason: 'it answers 400 to a request without a signature',
    facts: ['a request without a signature is answered AccessDenied'],
  },
  {
    judge: 'swift',
    reason: 'its XML declaration has another form',
    facts: ['an error has a code, and every answer a request id'],
  },
  {
    judge: 'swift',
    reason: 'it does not return the region of a bucket',
    facts: ['HeadBucket, ListBuckets and GetBucketLocation find a bucket that exists'],
  },
  {
    judge: 'swift',
    reason: 'it answers like S3 in a region other than us-east-1',
    facts: ['the owner of a bucket in us-east-1 can create it again'],
  },
  {
    judge: 'swift',
    reason: 'it has no Object Lock',
    facts: [
      'a bucket without Object Lock has no Object Lock configuration',
      'a new version in a bucket with default retention cannot be deleted',
    ],
  },
  {
    judge: 'swift',
    reason: 'its versions work differently: delete markers and the null version look different',
    facts: [
      'a delete replaces the null version by a null delete marker when versioning is suspended',
      'a copy and a Complete write the null version when versioning is suspended',
      'no version is missed when a listing continues after a null version',
      'a listing of versions can continue after a version that was deleted in the meantime',
      'ListObjectVersions lists keys in pages and in order, the newest version of each key first',
      'a GET of a deleted key answers 404, and of a delete marker by its version id 405',
      'a copy of a deleted key answers 404, and of a delete marker by its version id 400',
      'an object reappears when its delete marker is deleted, and a deleted version is removed permanently',
      'an object from before versioning has the version null',
    ],
  },
  {
    judge: 'swift',
    reason: 'it lists again a common prefix that contains the marker',
    failure: /to be undefined/,
    facts: ['a common prefix that contains the key marker is not listed again'],
  },
  {
    judge: 'swift',
    reason: 'its error does not contain the condition',
    failure: /<Condition>x-amz-copy-source-If-Match/,
    facts: ['the error of a copy names the condition that is not met'],
  },
  {
    judge: 'swift',
    reason: 'it does not remember an aborted upload',
    failure: /upload does not exist/,
    facts: ['a repeated Abort gets the same answer'],
  },
  {
    judge: 'swift',
    reason: 'it does not ignore a date in the future',
    failure: /expected 304 to be 200/,
    facts: ['an If-Modified-Since in the future is ignored'],
  },
  {
    judge: 'swift',
    reason: 'it answers 412 even to a date in the future',
    facts: ['a copy-source-if-modified-since in the future is ignored'],
  },
  {
    judge: 'swift',
    reason: 'it returns next markers only if there is a next page',
    failure: /to match object/,
    facts: ['the last page of ListMultipartUploads also contains the next markers'],
  },
  {
    judge: 'swift',
    reason: 'it returns an upload id marker that it ignores',
    failure: /expected '[^']+' to be ''/,
    facts: ['an upload id marker must belong to the key marker, and is ignored without one'],
  },
  {
    judge: 'swift',
    reason: 'it does not require a signed host',
    failure: /\[ 200, undefined \]/,
    facts: ['a request without a signed host is answered AccessDenied'],
  },
  {
    judge: 'swift',
    reason: 'it ignores the bypass',
    failure: /answered no error 200/,
    facts: ['a bypass of governance in a bucket without Object Lock is answered InvalidArgument'],
  },
  {
    judge: 'swift',
    reason: 'it treats part number 0 as out of order',
    failure: /answered InvalidPartOrder 400/,
    facts: ['a Complete with part number 0 is answered InvalidArgument'],
  },
  {
    judge: 'swift',
    reason: 'it answers 500',
    failure: /answered InternalError 500/,
    facts: ['a malformed version id is answered InvalidArgument, also for a delete'],
  },
];
