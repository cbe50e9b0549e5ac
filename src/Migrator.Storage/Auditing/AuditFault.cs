namespace Migrator.Storage.Auditing;

/// <param name="File">Without its directory.</param>
/// <param name="Line">In the file, from 1; 0 where it is about no line.</param>
public sealed record AuditFault(string File, long Line, string What);
