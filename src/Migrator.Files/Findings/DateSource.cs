namespace Migrator.Files.Findings;

/// <summary>Where the date of a message was taken from.</summary>
internal enum DateSource
{
    Separator,
    FileName,

    /// <summary>The file's own time, which is not later than the moment in its name, as copying would make it.</summary>
    FileTime,
    AppleMail,
    Received,
    Header,
    Modified,
}
