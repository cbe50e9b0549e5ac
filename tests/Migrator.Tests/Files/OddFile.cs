using System.Diagnostics;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>What may lie where a file is expected, and would hold a careless reader up, or fill its memory.</summary>
public static class OddFile
{
    public const string Pipe = "pipe",
        Zeros = "link to /dev/zero",
        Full = "link to /dev/full",
        Folder = "directory",
        Dangling = "dangling link",
        Loop = "link to itself",
        Huge = "huge file";

    public static TheoryData<string> Kinds => [Pipe, Zeros, Full, Folder, Dangling, Loop, Huge];

    /// <summary>Words that a message about it has.</summary>
    public static string Words(string kind) =>
        kind switch
        {
            Pipe or Zeros or Full => "it is a pipe, a socket or a device, not a regular file",
            Folder => "it is a directory, not a file",
            Dangling => "there is no such file",
            Loop => "it is a symbolic link that leads to itself",
            _ => "it is larger than",
        };

    public static string Make(string kind, string path)
    {
        switch (kind)
        {
            case Pipe:
                Process.Start("mkfifo", [path]).WaitForExit();
                break;
            case Folder:
                Directory.CreateDirectory(path);
                break;
            case Huge:
                using (var file = File.Create(path))
                    file.SetLength(100L << 30);
                break;
            default:
                File.CreateSymbolicLink(
                    path,
                    kind switch
                    {
                        Zeros => "/dev/zero",
                        Full => "/dev/full",
                        Loop => path,
                        _ => path + ".nowhere",
                    }
                );
                break;
        }
        return path;
    }
}
