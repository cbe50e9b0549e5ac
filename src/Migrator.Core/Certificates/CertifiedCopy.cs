using Migrator.Core.Mail;

namespace Migrator.Core.Certificates;

/// <summary>Where the copy of a message is.</summary>
/// <param name="Uid">Null where it is not known which one it is.</param>
/// <param name="Read">Null where it was not compared as a whole.</param>
public sealed record CertifiedCopy(FolderPath Folder, Uid? Uid = null, CertifiedContent? Read = null);
