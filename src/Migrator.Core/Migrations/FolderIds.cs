using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>The messages of a folder where folders are labels.</summary>
/// <param name="Uids">By the ids that messages have in every folder.</param>
internal sealed record FolderIds(FolderMapping Mapping, UidValidity Validity, IReadOnlyDictionary<ulong, Uid> Uids);
