using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Headers;

/// <summary>The header fields of one message, as they stand in it: not decoded, so that a later version can decode them better.</summary>
/// <param name="Content">The message.</param>
/// <param name="Size">Of the message, in bytes.</param>
/// <param name="Cut">Something of these fields, or further ones, is not kept because there was too much of it.</param>
public sealed record HeaderRecord(ContentId Content, long Size, IReadOnlyList<HeaderValue> Fields, bool Cut);
