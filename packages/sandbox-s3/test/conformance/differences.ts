/** Facts about S3 on which a server differs, and why. */
export interface Difference {
  /** As in `judges/`. */
  readonly judge: string;
  readonly reason: string;
  /** What the error of each fact says: a fact that fails in another way is no known difference. */
  readonly failure?: RegExp;
  /** Titles of the facts, word for word. */
  readonly facts: readonly string[];
}

/**
 * Known differences of moto 5.2.5, versitygw 1.8.0 and Swift 2.30.1. A difference that is not here fails; so does one
 * that is here and no longer there.
 */
export const differences: readonly Difference[] = [
  {
    judge: 'versitygw',
    reason:
      'its posix backend keeps keys as files and folders: a folder holds no data, and some keys are no paths',
    facts: [
      'a key, the same with a slash, and keys below it stand side by side',
      'a listing with encoding-type=url names every key in the order of its bytes',
      'each awkward key is the source and the destination of a copy, and is deleted',
      'keys are bytes: each of these is written and read as it is',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'objects have no ACLs of their own: the headers are ignored or not implemented',
    facts: [
      'PutObjectAcl sets a canned ACL',
      'a grant to an e-mail address is refused with 405',
      'a new bucket takes no ACL but bucket-owner-full-control',
      'where ACLs are on, a grant is kept; a copy does not inherit it',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it has one storage class, STANDARD',
    facts: [
      'a part cannot be copied from an archived object: 403',
      'a restore is accepted for archived objects alone',
      'a storage class is kept, listed, and not named when STANDARD',
      'a storage class that there is not is InvalidStorageClass',
      'an archived object has properties but cannot be read or copied: 403',
      'the class and the tags that Create said are those of the object',
      'the storage class is not copied',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it does not tell or take server-side encryption',
    facts: [
      'a bucket’s default encryption holds for puts, copies and multipart uploads',
      'customer keys are refused by new buckets',
      'every object is encrypted; SSE-S3 unless told otherwise',
      'under SSE-KMS an ETag is not the MD5 of the bytes',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it takes gaps in part numbers; that S3 answers 500 is reported by users, not documented',
    facts: ['with a named algorithm part numbers must be 1, 2, 3 …'],
  },
  {
    judge: 'versitygw',
    reason: 'it answers InvalidRequest for a wrong checksum of the whole',
    failure: /answered InvalidRequest 400/,
    facts: ['a wrong full-object checksum at Complete is BadDigest, and nothing is published'],
  },
  {
    judge: 'versitygw',
    reason: 'it does not take several attributes in one header',
    facts: [
      'GetObjectAttributes lists the parts of COMPOSITE objects alone, of others their number',
      'GetObjectAttributes tells the ETag without quotes',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it answers copies 304 where S3 answers 412',
    failure: /answered Unknown 304/,
    facts: [
      'conditions on the source hold for a part',
      'copy-source-if-none-match and the dates refuse with 412, never 304',
      'if-none-match false and if-modified-since true refuses',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it ignores conditions on the destination of a copy',
    failure: /answered no error 200/,
    facts: ['CopyObject takes conditions on its destination'],
  },
  {
    judge: 'versitygw',
    reason: 'it ignores the ETags of DeleteObjects',
    facts: ['DeleteObjects holds each key to its ETag and tells what it did not delete'],
  },
  {
    judge: 'versitygw',
    reason: 'it does not implement Quiet or the limit of 1,000 keys',
    facts: [
      'a quiet DeleteObjects names only errors',
      'more than 1,000 keys in a DeleteObjects are MalformedXML',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it refuses such a document as InvalidRequest',
    facts: ['a key that XML 1.0 cannot hold makes a DeleteObjects MalformedXML'],
  },
  {
    judge: 'versitygw',
    reason: 'it ignores encoding-type, and writes control characters as replacement characters',
    facts: [
      'in a listing with encoding-type=url a blank is a plus and a slash stays',
      'without encoding-type control characters come as character references',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it takes any text as a continuation token',
    facts: ['max-keys that is no number, and a token that is none, are InvalidArgument'],
  },
  {
    judge: 'versitygw',
    reason: 'it names the next marker also without a delimiter',
    facts: ['the first version of the listing pages by marker'],
  },
  {
    judge: 'versitygw',
    reason: 'it dates a multipart object by its completion',
    facts: [
      'of two multipart uploads the one begun last is current, though completed first',
      'the date of a multipart object is that of its initiation',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it orders the uploads of a key by their ids, not by their age',
    facts: ['ListMultipartUploads names open uploads by key and age, in pages'],
  },
  {
    judge: 'versitygw',
    reason: 'it takes open ranges, and ranges of small sources',
    facts: [
      'a range is refused for a source of up to 5 MiB',
      'a range of another form than bytes=first-last is InvalidArgument',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it keeps aws-chunked as the object’s encoding',
    facts: [
      'a body in signed chunks is stored without its frame',
      'a checksum in a trailer is held to the body',
      'a signed trailer continues the chain of the chunks',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it answers an unknown access key 404',
    facts: ['a wrong secret key is SignatureDoesNotMatch, an unknown access key InvalidAccessKeyId'],
  },
  {
    judge: 'versitygw',
    reason: 'it answers as S3 does outside us-east-1',
    facts: ['in us-east-1 creating one’s own bucket again succeeds'],
  },
  {
    judge: 'versitygw',
    reason: 'it takes two dots in a row',
    facts: ['bucket names have rules'],
  },
  {
    judge: 'versitygw',
    reason: 'it tells DeleteMarker false, which S3 leaves out',
    facts: ['DeleteObjects takes version ids and names the markers it makes'],
  },
  {
    judge: 'versitygw',
    reason: 'it begins with the marked key rather than behind it',
    facts: [
      'no version is left out of a listing that goes on behind a null version',
      'ListObjectVersions names keys in order, the newest version of each first, in pages',
      'a key marker without a version begins behind all versions of the key',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it copies a delete marker as an empty object',
    failure: /answered no error 200/,
    facts: ['a copy of a marker is 404, by its id 400'],
  },
  {
    judge: 'versitygw',
    reason: 'it answers If-Match over a delete marker 412',
    facts: ['over a marker If-None-Match * writes and If-Match is 404'],
  },
  {
    judge: 'versitygw',
    reason: 'it looks the marked version up',
    failure: /expected undefined to deeply equal/,
    facts: ['a listing of versions goes on behind a version that was deleted since'],
  },
  {
    judge: 'versitygw',
    reason: 'it looks the marked version up',
    failure: /expected \[ 200, /,
    facts: ['a version id marker that is none is InvalidArgument'],
  },
  {
    judge: 'versitygw',
    reason: 'it rolls up a common prefix again whose part lies before the marker',
    failure: /to be undefined/,
    facts: ['a common prefix that holds the key marker is not listed again'],
  },
  {
    judge: 'versitygw',
    reason: 'it looks at the destination of a Complete as it is now',
    failure: /answered no error 200/,
    facts: [
      'a Complete with If-Match of a key deleted since Create is 404, written again 409',
      'a Complete with If-None-Match * whose key was deleted since Create is 409 for good',
      'a Complete with If-Match of an object written since Create is 409 for good',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it holds the asterisk to be a wrong ETag',
    failure: /answered PreconditionFailed 412/,
    facts: ['a write takes an ETag in If-Match, * in If-None-Match, not both: else 501'],
  },
  {
    judge: 'versitygw',
    reason: 'it does not name the condition',
    failure: /<Condition>x-amz-copy-source-If-Match/,
    facts: ['a copy that is refused names the condition'],
  },
  {
    judge: 'versitygw',
    reason: 'it forgets an aborted upload',
    failure: /upload does not exist/,
    facts: ['an Abort that is repeated answers the same'],
  },
  {
    judge: 'versitygw',
    reason: 'it names the marker of the next page only',
    failure: /to match object/,
    facts: ['the last page of ListMultipartUploads names the markers behind it too'],
  },
  {
    judge: 'versitygw',
    reason: 'it repeats an upload id marker that means nothing',
    failure: /expected '[^']+' to be ''/,
    facts: ['an upload id marker is one of its key, and means nothing without a key'],
  },
  {
    judge: 'versitygw',
    reason: 'it compares dates finer than headers tell them',
    failure: /expected 200 to be 304/,
    facts: ['If-None-Match and If-Modified-Since answer 304'],
  },
  {
    judge: 'versitygw',
    reason: 'it takes what there is nothing to apply to',
    failure: /answered no error 200/,
    facts: ['bypassing governance where there is no Object Lock is InvalidArgument'],
  },
  {
    judge: 'versitygw',
    reason: 'it does not tell the version null',
    failure: /expected undefined to be .null/,
    facts: ['where versioning is suspended a copy and a Complete write the null version'],
  },
  {
    judge: 'moto',
    reason: 'it does not enforce object ownership and takes e-mail grantees',
    facts: [
      'a bucket created with the ACL private takes ACLs, with any other it is refused',
      'a grant to an e-mail address is refused with 405',
      'a new bucket takes no ACL but bucket-owner-full-control',
    ],
  },
  {
    judge: 'moto',
    reason: 'it checks neither signatures nor signed hashes',
    facts: [
      'the host must be signed',
      'a header x-amz-… that is not signed is AccessDenied',
      'a trailer with a wrong signature is refused',
      'a body that is not its signed SHA-256 is refused',
      'a chunk with a wrong signature is refused',
      'a request without a signature is AccessDenied',
      'a wrong secret key is SignatureDoesNotMatch, an unknown access key InvalidAccessKeyId',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not check a checksum in a trailer',
    failure: /expected \[/,
    facts: ['a trailer must be there, be the announced one, and be announced'],
  },
  {
    judge: 'moto',
    reason: 'it does not check a checksum in a trailer',
    failure: /expected 200 to be 400/,
    facts: ['a checksum in a trailer is held to the body'],
  },
  {
    judge: 'moto',
    reason: 'it echoes checksums of clients; it neither computes, checks nor types them',
    failure: /to match object/,
    facts: [
      'COMPOSITE is the checksum of the parts’ checksums and their number',
      'CopyObject of a COMPOSITE object has the checksum of the whole',
      'GetObjectAttributes lists the parts of COMPOSITE objects alone, of others their number',
      'ListParts shows checksums of an upload that named an algorithm',
      'an entry has key, size, quoted ETag, date, class and checksum algorithm',
      'an object that comes without a checksum gets CRC64NVME over the whole',
      'each algorithm is kept and shown',
      'each algorithm of 2026 is kept and shown, also by copies and parts',
    ],
  },
  {
    judge: 'moto',
    reason: 'it echoes checksums of clients; it neither computes, checks nor types them',
    failure: /answered no error 200/,
    facts: [
      'CRC64NVME cannot be COMPOSITE, SHA256 cannot be FULL_OBJECT',
      'no algorithm of 2026 can be FULL_OBJECT in a multipart upload',
      'a COMPOSITE upload needs every part’s checksum at Complete',
      'a part proved by another algorithm than the upload’s is InvalidRequest',
      'a wrong checksum is BadDigest and leaves nothing',
      'a wrong full-object checksum at Complete is BadDigest, and nothing is published',
      'with a named algorithm part numbers must be 1, 2, 3 …',
    ],
  },
  {
    judge: 'moto',
    reason: 'it echoes checksums of clients; it neither computes, checks nor types them',
    failure: /expected undefined to be/,
    facts: [
      'UploadPartCopy tells a checksum only if Create named an algorithm',
      'a GET shows the checksum of a whole object, not with a range',
      'a copy keeps the algorithm of its source, or takes another',
      'a multipart object of no named algorithm has CRC64NVME over the whole',
    ],
  },
  {
    judge: 'moto',
    reason: 'it echoes checksums of clients; it neither computes, checks nor types them',
    failure: /expected 200 to be 400/,
    facts: ['a checksum of the wrong length is InvalidRequest'],
  },
  {
    judge: 'moto',
    reason: 'it neither computes checksums nor lists parts',
    failure: /to match object/,
    facts: ['GetObjectAttributes tells the ETag without quotes'],
  },
  {
    judge: 'moto',
    reason: 'it tells no default encryption, and its ETags are always MD5',
    facts: [
      'a bucket’s default encryption holds for puts, copies and multipart uploads',
      'customer keys are refused by new buckets',
      'every object is encrypted; SSE-S3 unless told otherwise',
      'under SSE-KMS an ETag is not the MD5 of the bytes',
    ],
  },
  {
    judge: 'moto',
    reason: 'it takes conditions on the destination for PutObject alone',
    failure: /answered no error 200/,
    facts: ['Complete takes conditions on the destination', 'CopyObject takes conditions on its destination'],
  },
  {
    judge: 'moto',
    reason: 'it ignores the ETags of DeleteObjects',
    facts: ['DeleteObjects holds each key to its ETag and tells what it did not delete'],
  },
  {
    judge: 'moto',
    reason: 'it ignores or half implements copy-source conditions',
    failure: /answered no error 200/,
    facts: [
      'conditions on the source hold for a part',
      'copy-source-if-match refuses another source with 412',
      'copy-source-if-none-match and the dates refuse with 412, never 304',
    ],
  },
  {
    judge: 'moto',
    reason: 'it copies the redirect',
    failure: /expected '.other' to be undefined/,
    facts: ['a website redirect is not copied'],
  },
  {
    judge: 'moto',
    reason: 'it ignores expected owners',
    facts: [
      'an expected owner of the source who is not its owner is refused with 403',
      'an expected owner who is not the owner is refused with 403',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not implement Quiet or the limit of 1,000 keys',
    facts: [
      'a quiet DeleteObjects names only errors',
      'more than 1,000 keys in a DeleteObjects are MalformedXML',
    ],
  },
  {
    judge: 'moto',
    reason: 'its XML parser fails on control characters, and it writes them raw',
    facts: [
      'a key that XML 1.0 cannot hold makes a DeleteObjects MalformedXML',
      'without encoding-type control characters come as character references',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not check Content-MD5',
    failure: /expected 200 to be 400/,
    facts: [
      'a Content-MD5 that is none is InvalidDigest',
      'a DeleteObjects whose body is not its Content-MD5 deletes nothing',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not check Content-MD5',
    failure: /answered no error 200/,
    facts: ['a body that does not have the Content-MD5 is BadDigest and leaves nothing'],
  },
  {
    judge: 'moto',
    reason: 'it counts the characters of a key, not its bytes',
    facts: ['a key of 1,025 bytes is KeyTooLongError, also when it has fewer characters'],
  },
  {
    judge: 'moto',
    reason: 'its web framework normalizes paths, and it encodes like a path',
    facts: [
      'a listing with encoding-type=url names every key in the order of its bytes',
      'a plus in a copy source that is not encoded is a blank',
      'each awkward key is the source and the destination of a copy, and is deleted',
      'in a listing with encoding-type=url a blank is a plus and a slash stays',
      'keys are bytes: each of these is written and read as it is',
    ],
  },
  {
    judge: 'moto',
    reason: 'it checks little of a listing’s parameters, and pages by tokens of its own',
    facts: [
      'a continuation token wins over start-after',
      'max-keys 0 lists nothing; above 1,000 it is 1,000',
      'max-keys that is no number, and a token that is none, are InvalidArgument',
      'the first version of the listing pages by marker',
    ],
  },
  {
    judge: 'moto',
    reason: 'a copy keeps the parts of its source',
    failure: /expected 2 to be undefined/,
    facts: ['CopyObject of a multipart object makes a simple one whose ETag is its MD5'],
  },
  {
    judge: 'moto',
    reason: 'it takes a part twice',
    facts: ['parts out of order, or twice, are InvalidPartOrder'],
  },
  {
    judge: 'moto',
    reason: 'it answers NoSuchUpload to a part number out of range',
    facts: ['part numbers are 1 to 10,000'],
  },
  {
    judge: 'moto',
    reason: 'its ListParts fails on an aborted upload',
    facts: ['an aborted upload is NoSuchUpload, its parts are gone, and Abort answers 204'],
  },
  {
    judge: 'moto',
    reason: 'it looks an upload up by its id alone',
    facts: ['an upload id is one of its key alone'],
  },
  {
    judge: 'moto',
    reason: 'it ignores MpuObjectSize',
    failure: /answered no error 200/,
    facts: ['MpuObjectSize that is not the size is InvalidRequest and publishes nothing'],
  },
  {
    judge: 'moto',
    reason: 'it dates a multipart object by its completion',
    facts: [
      'of two multipart uploads the one begun last is current, though completed first',
      'the date of a multipart object is that of its initiation',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not truncate ListParts before the last page',
    facts: ['ListParts pages by part number'],
  },
  {
    judge: 'moto',
    reason: 'it lists uploads in the order they were begun, without pages',
    facts: [
      'an upload id marker is one of its key, and means nothing without a key',
      'the last page of ListMultipartUploads names the markers behind it too',
      'ListMultipartUploads names open uploads by key and age, in pages',
    ],
  },
  {
    judge: 'moto',
    reason: 'it tells no Content-Range for a part',
    facts: ['a part of a multipart object is read by its number'],
  },
  {
    judge: 'moto',
    reason: 'it does not limit metadata as a whole',
    facts: ['metadata above 2 KB is refused'],
  },
  {
    judge: 'moto',
    reason: 'it takes any unit of a range',
    facts: ['ranges that make no sense are ignored'],
  },
  {
    judge: 'moto',
    reason: 'it does not let If-Match win over If-Unmodified-Since',
    failure: /At least one of the pre-conditions/,
    facts: ['If-Match and If-Unmodified-Since refuse a read with 412'],
  },
  {
    judge: 'moto',
    reason: 'its error has another form',
    facts: ['HeadObject with a part number of a simple object has one part'],
  },
  {
    judge: 'moto',
    reason: 'it checks no form and no bounds of a copied range',
    facts: [
      'a range is refused for a source of up to 5 MiB',
      'a range of another form than bytes=first-last is InvalidArgument',
      'a range that leaves the source is refused',
    ],
  },
  {
    judge: 'moto',
    reason: 'it answers NotFound',
    facts: ['a part of a missing source is NoSuchKey, of a missing upload NoSuchUpload'],
  },
  {
    judge: 'moto',
    reason: 'it sends no request id',
    facts: ['an error tells its code, and every answer its request id'],
  },
  {
    judge: 'moto',
    reason: 'it takes values above 256 characters',
    facts: ['tag keys are unique, of 1 to 128 characters; values of up to 256'],
  },
  {
    judge: 'moto',
    reason: 'it takes uppercase letters',
    facts: ['bucket names have rules'],
  },
  {
    judge: 'moto',
    reason: 'it tells Years 0',
    facts: ['default retention locks new versions: they cannot be deleted'],
  },
  {
    judge: 'moto',
    reason: 'it does not say that a marker is one',
    facts: ['a GET of a marker is 404 and says so, by its id 405'],
  },
  {
    judge: 'moto',
    reason: 'it does not say that a removed version was a marker',
    facts: ['deleting the marker brings the object back; deleting a version is for good'],
  },
  {
    judge: 'moto',
    reason: 'it keeps no null version',
    facts: [
      'where versioning is suspended a delete puts a null marker in place of the null version',
      'where versioning is suspended a copy and a Complete write the null version',
      'no version is left out of a listing that goes on behind a null version',
      'objects from before versioning have the version null',
    ],
  },
  {
    judge: 'moto',
    reason: 'it answers NoSuchVersion',
    facts: ['a copy of a marker is 404, by its id 400'],
  },
  {
    judge: 'moto',
    reason: 'it looks the marked version up',
    failure: /expected undefined to deeply equal/,
    facts: ['a listing of versions goes on behind a version that was deleted since'],
  },
  {
    judge: 'moto',
    reason: 'it looks the marked version up',
    failure: /expected \[ 200, /,
    facts: ['a version id marker that is none is InvalidArgument'],
  },
  {
    judge: 'moto',
    reason: 'it rolls up a common prefix again whose part lies before the marker',
    failure: /to be undefined/,
    facts: ['a common prefix that holds the key marker is not listed again'],
  },
  {
    judge: 'moto',
    reason: 'it looks at the destination of a Complete as it is now',
    failure: /answered no error 200/,
    facts: [
      'a Complete with If-Match of a key deleted since Create is 404, written again 409',
      'a Complete with If-None-Match * whose key was deleted since Create is 409 for good',
      'a Complete with If-Match of an object written since Create is 409 for good',
    ],
  },
  {
    judge: 'moto',
    reason: 'it holds the asterisk to be a wrong ETag',
    failure: /answered PreconditionFailed 412/,
    facts: ['a write takes an ETag in If-Match, * in If-None-Match, not both: else 501'],
  },
  {
    judge: 'moto',
    reason: 'it does not name the condition',
    failure: /<Condition>x-amz-copy-source-If-Match/,
    facts: ['a copy that is refused names the condition'],
  },
  {
    judge: 'moto',
    reason: 'it forgets an aborted upload',
    failure: /upload does not exist/,
    facts: ['an Abort that is repeated answers the same'],
  },
  {
    judge: 'moto',
    reason: 'it takes what a client leaves unproved',
    failure: /\[ 200, undefined \]/,
    facts: [
      'an algorithm that is named without a checksum is InvalidRequest',
      'a part without a checksum is InvalidRequest where the upload is COMPOSITE',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not hold documents to their digests',
    failure: /status: 200/,
    facts: [
      'a DeleteObjects that nothing proves is InvalidRequest',
      'a DeleteObjects whose body is not its checksum deletes nothing',
    ],
  },
  {
    judge: 'moto',
    reason: 'it does not hold documents to their digests; tags are set',
    failure: /to be .BadDigest/,
    facts: ['tags whose document is not its checksum are not set'],
  },
  {
    judge: 'moto',
    reason: 'it reads the whole instead of an empty part',
    failure: /expected .+ to be ''/,
    facts: ['an empty last part is read as nothing'],
  },
  {
    judge: 'moto',
    reason: 'it takes any date',
    failure: /expected 304 to be 200/,
    facts: ['If-Modified-Since a date to come is ignored'],
  },
  {
    judge: 'moto',
    reason: 'it fails on it',
    failure: /\[ 500, undefined \]/,
    facts: ['a chunk whose size is no number is IncompleteBody'],
  },
  {
    judge: 'moto',
    reason: 'it takes what there is nothing to apply to',
    failure: /answered no error 200/,
    facts: ['bypassing governance where there is no Object Lock is InvalidArgument'],
  },
  {
    judge: 'moto',
    reason: 'it holds 0 to be out of order',
    failure: /answered InvalidPartOrder 400/,
    facts: ['a part number 0 in Complete is InvalidArgument'],
  },
  {
    judge: 'moto',
    reason: 'it looks every version id up',
    failure: /answered NoSuchVersion 404/,
    facts: ['what is no version id is InvalidArgument, also for a delete'],
  },
  {
    judge: 'moto',
    reason: 'it copies parts of archived objects',
    failure: /answered no error 200/,
    facts: ['a part cannot be copied from an archived object: 403'],
  },
  {
    judge: 'moto',
    reason: 'it does not tell the version of a part’s source',
    failure: /expected undefined to be /,
    facts: ['a part takes the version that its source names, and tells it'],
  },
  {
    judge: 'swift',
    reason: 'tempauth accounts own their buckets: ACL headers have no effect without s3_acl',
    facts: [
      'PutObjectAcl sets a canned ACL',
      'a bucket created with the ACL private takes ACLs, with any other it is refused',
      'a grant to an e-mail address is refused with 405',
      'a new bucket takes no ACL but bucket-owner-full-control',
      'where ACLs are on, a grant is kept; a copy does not inherit it',
    ],
  },
  {
    judge: 'swift',
    reason: 'it demands Content-MD5 of a DeleteObjects, which today’s SDKs replace by a checksum',
    facts: [
      'a DeleteObjects is proved by a checksum or by its MD5',
      'a DeleteObjects whose body is not its checksum deletes nothing',
      'DeleteObjects deletes up to 1,000 keys, there or not, and names each',
      'DeleteObjects holds each key to its ETag and tells what it did not delete',
      'DeleteObjects takes version ids and names the markers it makes',
      'a key that XML 1.0 cannot hold makes a DeleteObjects MalformedXML',
      'a quiet DeleteObjects names only errors',
      'more than 1,000 keys in a DeleteObjects are MalformedXML',
    ],
  },
  {
    judge: 'swift',
    reason: 'Debian’s 2.30.1 does not take aws-chunked bodies',
    facts: [
      'a trailer with a wrong signature is refused',
      'a chunk whose size is no number is IncompleteBody',
      'a trailer must be there, be the announced one, and be announced',
      'a body in signed chunks is stored without its frame',
      'a checksum in a trailer is held to the body',
      'a chunk with a wrong signature is refused',
      'a signed trailer continues the chain of the chunks',
    ],
  },
  {
    judge: 'swift',
    reason: 'it knows no checksums but MD5',
    failure: /expected \[/,
    facts: [
      'an algorithm that is named without a checksum is InvalidRequest',
      'a part without a checksum is InvalidRequest where the upload is COMPOSITE',
    ],
  },
  {
    judge: 'swift',
    reason: 'it knows no checksums but MD5',
    failure: /to match object/,
    facts: [
      'COMPOSITE is the checksum of the parts’ checksums and their number',
      'CopyObject of a COMPOSITE object has the checksum of the whole',
      'ListParts shows checksums of an upload that named an algorithm',
      'an entry has key, size, quoted ETag, date, class and checksum algorithm',
      'an object that comes without a checksum gets CRC64NVME over the whole',
      'each algorithm is kept and shown',
      'each algorithm of 2026 is kept and shown, also by copies and parts',
    ],
  },
  {
    judge: 'swift',
    reason: 'it knows no checksums but MD5',
    failure: /answered no error 200/,
    facts: [
      'CRC64NVME cannot be COMPOSITE, SHA256 cannot be FULL_OBJECT',
      'no algorithm of 2026 can be FULL_OBJECT in a multipart upload',
      'a COMPOSITE upload needs every part’s checksum at Complete',
      'a part proved by another algorithm than the upload’s is InvalidRequest',
      'a wrong checksum is BadDigest and leaves nothing',
      'a wrong full-object checksum at Complete is BadDigest, and nothing is published',
      'with a named algorithm part numbers must be 1, 2, 3 …',
    ],
  },
  {
    judge: 'swift',
    reason: 'it knows no checksums but MD5',
    failure: /expected undefined to be/,
    facts: [
      'FULL_OBJECT is the checksum of the whole, from those of the parts',
      'a GET shows the checksum of a whole object, not with a range',
      'a copy keeps the algorithm of its source, or takes another',
      'a multipart object of no named algorithm has CRC64NVME over the whole',
    ],
  },
  {
    judge: 'swift',
    reason: 'it knows no checksums but MD5',
    failure: /@aws-sdk XML parse error: unexpected content\./,
    facts: ['GetObjectAttributes lists the parts of COMPOSITE objects alone, of others their number'],
  },
  {
    judge: 'swift',
    reason: 'it knows no checksums but MD5',
    facts: ['GetObjectAttributes tells the ETag without quotes'],
  },
  {
    judge: 'swift',
    reason: 'it knows no checksums but MD5',
    failure: /expected 200 to be 400/,
    facts: ['a checksum of the wrong length is InvalidRequest'],
  },
  {
    judge: 'swift',
    reason: 'it has no tags',
    facts: [
      'tags whose document is not its checksum are not set',
      'a copy has the tags of its source, also when its metadata is replaced',
      'an object has at most ten tags',
      'tag keys are unique, of 1 to 128 characters; values of up to 256',
      'tags are replaced by their own directive',
      'tags are set, read, replaced and removed',
      'tags belong to a version',
    ],
  },
  {
    judge: 'swift',
    reason: 'it has one storage class, STANDARD',
    facts: [
      'a part cannot be copied from an archived object: 403',
      'GLACIER_IR is read at once',
      'a restore is accepted for archived objects alone',
      'a storage class is kept, listed, and not named when STANDARD',
      'an archived object has properties but cannot be read or copied: 403',
      'the class and the tags that Create said are those of the object',
      'the storage class is not copied',
    ],
  },
  {
    judge: 'swift',
    reason: 'it does not tell or take server-side encryption',
    facts: [
      'a bucket’s default encryption holds for puts, copies and multipart uploads',
      'customer keys are refused by new buckets',
      'every object is encrypted; SSE-S3 unless told otherwise',
      'under SSE-KMS an ETag is not the MD5 of the bytes',
    ],
  },
  {
    judge: 'swift',
    reason: 'it has no redirects',
    facts: ['a website redirect is not copied'],
  },
  {
    judge: 'swift',
    reason: 'it takes no conditions on writes',
    failure: /answered PreconditionFailed 412/,
    facts: [
      'a Complete with If-Match of a key deleted since Create is 404, written again 409',
      'a Complete with If-Match of an object written since Create is 409 for good',
      'Complete takes conditions on the destination',
    ],
  },
  {
    judge: 'swift',
    reason: 'it takes no conditions on writes',
    failure: /answered no error 200/,
    facts: ['a Complete with If-None-Match * whose key was deleted since Create is 409 for good'],
  },
  {
    judge: 'swift',
    reason: 'it takes no conditions on writes',
    failure: /answered NotImplemented 501/,
    facts: [
      'CopyObject takes conditions on its destination',
      'PutObject with If-Match writes only over that ETag; over nothing it is 404',
      'over a marker If-None-Match * writes and If-Match is 404',
    ],
  },
  {
    judge: 'swift',
    reason: 'it takes no conditions on writes',
    failure: /Conditional object PUTs are not supported\./,
    facts: ['PutObject with If-None-Match * writes only where nothing is'],
  },
  {
    judge: 'swift',
    reason: 'it takes no conditions on writes',
    failure: /expected \[\] to have a length of 1 but got \+0/,
    facts: ['of concurrent creations with If-None-Match * exactly one succeeds'],
  },
  {
    judge: 'swift',
    reason: 'it holds every condition instead of letting the ETag decide',
    failure: /At least one of the preconditions/,
    facts: ['If-Match and If-Unmodified-Since refuse a read with 412'],
  },
  {
    judge: 'swift',
    reason: 'it holds every condition instead of letting the ETag decide',
    facts: ['if-match true and if-unmodified-since false copies'],
  },
  {
    judge: 'swift',
    reason: 'it ignores expected owners',
    facts: [
      'an expected owner of the source who is not its owner is refused with 403',
      'an expected owner who is not the owner is refused with 403',
    ],
  },
  {
    judge: 'swift',
    reason: 'it encodes a blank as %20',
    facts: ['in a listing with encoding-type=url a blank is a plus and a slash stays'],
  },
  {
    judge: 'swift',
    reason: 'it reads a plus in a copy source as a plus',
    facts: ['a plus in a copy source that is not encoded is a blank'],
  },
  {
    judge: 'swift',
    reason: 'without a type of its own an object takes that of the XML of Complete',
    failure: /expected \[/,
    facts: ['a multipart copy inherits no metadata'],
  },
  {
    judge: 'swift',
    reason: 'it fails on a listing that XML cannot hold',
    facts: ['without encoding-type control characters come as character references'],
  },
  {
    judge: 'swift',
    reason: 'it does not cap MaxKeys in its answer, and fails on a bad token',
    facts: [
      'max-keys 0 lists nothing; above 1,000 it is 1,000',
      'max-keys that is no number, and a token that is none, are InvalidArgument',
    ],
  },
  {
    judge: 'swift',
    reason: 'it lists a common prefix again whose part lies before the marker',
    facts: ['the first version of the listing pages by marker'],
  },
  {
    judge: 'swift',
    reason: 'a copy keeps the multipart ETag of its source',
    failure: /expected '"[0-9a-f]+-2"' to be/,
    facts: ['CopyObject of a multipart object makes a simple one whose ETag is its MD5'],
  },
  {
    judge: 'swift',
    reason: 'it ignores MpuObjectSize',
    failure: /answered no error 200/,
    facts: ['MpuObjectSize that is not the size is InvalidRequest and publishes nothing'],
  },
  {
    judge: 'swift',
    reason: 'it dates a multipart object by its completion',
    facts: [
      'of two multipart uploads the one begun last is current, though completed first',
      'the date of a multipart object is that of its initiation',
    ],
  },
  {
    judge: 'swift',
    reason: 'it orders the uploads of a key by their ids, not by their age',
    facts: ['ListMultipartUploads names open uploads by key and age, in pages'],
  },
  {
    judge: 'swift',
    reason: 'it takes a part number only of multipart objects, and without counting them',
    facts: [
      'an empty last part is read as nothing',
      'HeadObject with a part number of a simple object has one part',
      'a part of a multipart object is read by its number',
    ],
  },
  {
    judge: 'swift',
    reason: 'it fails with 500 above a limit of its own',
    facts: ['metadata above 2 KB is refused'],
  },
  {
    judge: 'swift',
    reason: 'it sends a body with the answer to HEAD',
    facts: ['a missing key is NoSuchKey, and without a body for HEAD'],
  },
  {
    judge: 'swift',
    reason: 'it takes ranges of small sources',
    facts: ['a range is refused for a source of up to 5 MiB'],
  },
  {
    judge: 'swift',
    reason: 'its error for a bad range has another code',
    facts: [
      'a range of another form than bytes=first-last is InvalidArgument',
      'a range that leaves the source is refused',
    ],
  },
  {
    judge: 'swift',
    reason: 'it answers an unknown access key SignatureDoesNotMatch',
    facts: ['a wrong secret key is SignatureDoesNotMatch, an unknown access key InvalidAccessKeyId'],
  },
  {
    judge: 'swift',
    reason: 'it answers BadDigest',
    failure: /to contain '<Code>XAmzContentSHA256Mismatch/,
    facts: ['a body that is not its signed SHA-256 is refused'],
  },
  {
    judge: 'swift',
    reason: 'it answers a request without a signature 400',
    facts: ['a request without a signature is AccessDenied'],
  },
  {
    judge: 'swift',
    reason: 'its XML declaration is written in another way',
    facts: ['an error tells its code, and every answer its request id'],
  },
  {
    judge: 'swift',
    reason: 'it does not tell a bucket’s region',
    facts: ['a bucket that is there is found, listed and located'],
  },
  {
    judge: 'swift',
    reason: 'it answers as S3 does outside us-east-1',
    facts: ['in us-east-1 creating one’s own bucket again succeeds'],
  },
  {
    judge: 'swift',
    reason: 'it has no Object Lock',
    facts: [
      'a bucket without Object Lock has no such configuration',
      'default retention locks new versions: they cannot be deleted',
    ],
  },
  {
    judge: 'swift',
    reason: 'its versions are of another kind: markers and the null version show differently',
    facts: [
      'where versioning is suspended a delete puts a null marker in place of the null version',
      'where versioning is suspended a copy and a Complete write the null version',
      'no version is left out of a listing that goes on behind a null version',
      'a listing of versions goes on behind a version that was deleted since',
      'ListObjectVersions names keys in order, the newest version of each first, in pages',
      'a GET of a marker is 404 and says so, by its id 405',
      'a copy of a marker is 404, by its id 400',
      'deleting the marker brings the object back; deleting a version is for good',
      'objects from before versioning have the version null',
    ],
  },
  {
    judge: 'swift',
    reason: 'it rolls up a common prefix again whose part lies before the marker',
    failure: /to be undefined/,
    facts: ['a common prefix that holds the key marker is not listed again'],
  },
  {
    judge: 'swift',
    reason: 'it does not name the condition',
    failure: /<Condition>x-amz-copy-source-If-Match/,
    facts: ['a copy that is refused names the condition'],
  },
  {
    judge: 'swift',
    reason: 'it forgets an aborted upload',
    failure: /upload does not exist/,
    facts: ['an Abort that is repeated answers the same'],
  },
  {
    judge: 'swift',
    reason: 'it takes any date',
    failure: /expected 304 to be 200/,
    facts: ['If-Modified-Since a date to come is ignored'],
  },
  {
    judge: 'swift',
    reason: 'it answers 412 to any date',
    facts: ['copy-source-if-modified-since a date to come is ignored'],
  },
  {
    judge: 'swift',
    reason: 'it names the marker of the next page only',
    failure: /to match object/,
    facts: ['the last page of ListMultipartUploads names the markers behind it too'],
  },
  {
    judge: 'swift',
    reason: 'it repeats an upload id marker that means nothing',
    failure: /expected '[^']+' to be ''/,
    facts: ['an upload id marker is one of its key, and means nothing without a key'],
  },
  {
    judge: 'swift',
    reason: 'it does not demand that the host is signed',
    failure: /\[ 200, undefined \]/,
    facts: ['the host must be signed'],
  },
  {
    judge: 'swift',
    reason: 'it takes what there is nothing to apply to',
    failure: /answered no error 200/,
    facts: ['bypassing governance where there is no Object Lock is InvalidArgument'],
  },
  {
    judge: 'swift',
    reason: 'it holds 0 to be out of order',
    failure: /answered InvalidPartOrder 400/,
    facts: ['a part number 0 in Complete is InvalidArgument'],
  },
  {
    judge: 'swift',
    reason: 'it fails on it',
    failure: /answered InternalError 500/,
    facts: ['what is no version id is InvalidArgument, also for a delete'],
  },
];
