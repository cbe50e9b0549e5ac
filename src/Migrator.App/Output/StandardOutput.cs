using System.Runtime.InteropServices;
using System.Text;
using Migrator.App.Formatting;

namespace Migrator.App.Output;

/// <summary>Standard output and standard error, so that neither can take the work down with it: a log on a full disk, a terminal that was
/// closed, a script that starts us with <c>&gt;&amp;-</c>.</summary>
public static class StandardOutput
{
    private const int Output = 1,
        Errors = 2,
        GetDescriptorFlags = 1,
        CloseOnExec = 1;

    private static volatile string? s_failure;
    private static volatile bool s_onRecord;
    private static bool s_isClosed;

    /// <summary>Call first, and once.</summary>
    public static void Guard()
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        s_isClosed = IsClosed(Output);
        Console.SetOut(new GuardedWriter(s_isClosed ? null : Console.Out, Lost, wraps: false));
        Console.SetError(new GuardedWriter(IsClosed(Errors) ? null : Console.Error, _ => { }, wraps: !Console.IsErrorRedirected));
    }

    /// <summary>For bytes; what cannot be written throws.</summary>
    public static Stream OpenStream() => s_isClosed ? throw new IOException("It is closed.") : Console.OpenStandardOutput();

    /// <summary>Something that was asked for could not be written.</summary>
    public static void Lost(string why) => s_failure ??= why;

    /// <summary>What the command has to say is recorded elsewhere, in a report or with the service: to lose the words is to lose
    /// nothing.</summary>
    public static void IsOnRecord() => s_onRecord = true;

    /// <param name="code">What became of the command.</param>
    /// <returns>The exit code, which must not say that all is well where nobody got what was asked for.</returns>
    public static int Settle(int code)
    {
        if (s_failure is not { } why)
            return code;
        Console.Error.WriteLine(
            $"Standard output cannot be written: {why.TrimEnd('.')}. "
                + $"{(s_onRecord ? "The reports in the state directory contain the result." : "The output is lost.")}"
        );
        return code == ExitCode.Success && !s_onRecord ? ExitCode.OutputLost : code;
    }

    /// <summary>Whether the parent process had closed it. By now its number is that of some file or pipe of the runtime's, and to write
    /// there would do harm. What is handed down from process to process is never marked to be closed on the way; what the runtime opens
    /// is.</summary>
    private static bool IsClosed(int descriptor) =>
        !OperatingSystem.IsWindows() && DescriptorFlags(descriptor, GetDescriptorFlags) is < 0 or CloseOnExec;

    /// <returns>0 where the system does not say: the terminal then breaks lines wherever it likes.</returns>
    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    private static extern int DescriptorFlags(int descriptor, int command);

    /// <param name="inner">Null for one that was closed.</param>
    /// <param name="wraps">Whole lines are sentences for a person: a terminal would break them within words.</param>
    private sealed class GuardedWriter(TextWriter? inner, Action<string> lost, bool wraps) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value) => Try(writer => writer.Write(Fit(value)));

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        // In one piece: what several write at once must not be mixed.
        public override void WriteLine(string? value) => Try(writer => writer.WriteLine(Wrapped(Fit(value))));

        public override void Flush() => Try(writer => writer.Flush());

        private static string? Fit(string? text) => text is null || TerminalText.IsUnicode ? text : TerminalText.Ascii(text);

        private string? Wrapped(string? text) =>
            wraps && text is not null && TerminalWidth() is > 0 and var width ? WordWrap.Text(text, width) : text;

        // Tried again each time: a disk that was full may have room again.
        private void Try(Action<TextWriter> write)
        {
            try
            {
                if (inner is null)
                    lost("It is closed");
                else
                    write(inner);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                lost(exception.Message);
            }
        }
    }
}
