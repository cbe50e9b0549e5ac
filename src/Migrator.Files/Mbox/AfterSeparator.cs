namespace Migrator.Files.Mbox;

/// <summary>What comes in the line after one that may be a separator.</summary>
internal enum AfterSeparator
{
    Nothing,
    Field,
    BlankLine,
    Text,
}
