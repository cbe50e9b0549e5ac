using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Where a folder of the source shows a message.</summary>
/// <param name="Target">The folder that it is copied to from there.</param>
internal readonly record struct SharedPlace(FolderPath Folder, UidValidity Validity, Uid Uid, FolderPath Target);
