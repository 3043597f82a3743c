using CloudStore.Storage.Files.Compression;

namespace CloudStore.Storage.Files.Frames;

/// <summary>What was written.</summary>
/// <param name="Codec">How its frames are compressed.</param>
/// <param name="Bytes">The content's length.</param>
/// <param name="StoredBytes">What it takes in the store.</param>
/// <param name="Sha256">SHA-256 of the content, lower-case hexadecimal.</param>
/// <param name="Head">Its first bytes, 4 KiB at most.</param>
public sealed record WrittenContent(FileCodec Codec, long Bytes, long StoredBytes, string Sha256, byte[] Head);
