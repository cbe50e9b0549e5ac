using Migrator.Files;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>An mbox is divided into the messages that were put into it, no matter which program wrote it.</summary>
public sealed class MboxSeparatorTests : IDisposable
{
    private readonly FileHarness _files = new();

    public void Dispose() => _files.Dispose();

    private static string Mail(string subject, string body = "text\n", string fields = "") =>
        $"From: ann@example.org\nDate: Tue, 3 Mar 2015 09:10:11 +0100\n{fields}Subject: {subject}\n\n{body}";

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task A_bare_separator_of_todays_Thunderbird_begins_a_message_and_text_does_not(string lineEnd)
    {
        var body = "At noon:\n\nFrom 10:30 until noon we meet.\n\nFrom Bob, too\nSubject: none\n\n>From the list\n>>From afar\n\n";
        Write(
            string.Concat(Enumerable.Range(1, 3).Select(number => $"From \nX-Mozilla-Status: 0001\n{Mail($"{number}", body)}"))
                .Replace("\n", lineEnd)
        );

        var (letters, _) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal(3, letters.Count);
        Assert.All(
            letters,
            letter =>
                Assert.EndsWith(
                    "\r\n\r\nFrom 10:30 until noon we meet.\r\n\r\nFrom Bob, too\r\nSubject: none\r\n\r\nFrom the list\r\n>From afar\r\n",
                    letter.Text
                )
        );
    }

    [Theory]
    [InlineData("From ann@example.org Tue Mar  3 09:10:11 2015")]
    [InlineData("From ann@example.org Tue Mar  3 09:10 2015")]
    [InlineData("From ann@example.org Tue Mar  3 09:10:11 +0100 2015")]
    [InlineData("From ann@example.org Tue Mar  3 09:10:11 CET 2015")]
    [InlineData("From ann@example.org Tue, 3 Mar 2015 09:10:11 +0100")]
    [InlineData("From ann@example.org  Tue Mar  3 09:10:11 2015 remote from mail")]
    [InlineData("From MAILER-DAEMON Tue Mar  3 09:10:11 2015")]
    [InlineData("From - Tue Mar 03 09:10:11 2015")]
    [InlineData("From ???@??? Tue Mar 03 09:10:11 2015")]
    [InlineData("From 1500000000000000000@xxx Tue Mar 03 08:10:11 +0000 2015")]
    [InlineData("From \"ann b\"@example.org Tue Mar  3 09:10:11 2015")]
    public async Task A_separator_of_any_program_begins_a_message_and_text_does_not(string separator)
    {
        const string body = "Hours:\n\nFrom 10:30 until noon, then\nfrom 14:00.\n\nFrom Tue Mar  3 on:\nall day\n";
        Write(separator + "\n" + Mail("1", body) + "\n" + separator + "\n" + Mail("2", body) + "\n");

        var (letters, notices) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal([Crlf(Mail("1", body)), Crlf(Mail("2", body))], letters.Select(letter => letter.Text));
        Assert.DoesNotContain(notices, notice => notice.Contains("Doubtful", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Content_Length_that_leads_to_the_next_separator_decides()
    {
        const string body =
            "Quoted log follows\n\nFrom ops@example.org Tue Mar  3 08:00:00 2015\nSubject: in the log\n\n>From the old list\nend\n";
        Write(Sized("1", body) + "\n" + Sized("2", body) + "\n");

        var (letters, notices) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal(2, letters.Count);
        Assert.All(letters, letter => Assert.EndsWith(Crlf("\n\n" + body), letter.Text));
        Assert.DoesNotContain(notices, notice => notice.Contains("like a separator", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-7)]
    [InlineData(9)]
    [InlineData(1_000_000)]
    public async Task Content_Length_that_leads_elsewhere_is_not_believed(int off)
    {
        Write(Sized("1", "one\n", off) + "\n" + Sized("2", "two\n") + "\n" + Sized("3", "three\n", off) + "\n");

        var (letters, _) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal(
            ["one\r\n", "two\r\n", "three\r\n"],
            letters.Select(letter => letter.Text[(letter.Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])
        );
    }

    [Fact]
    public async Task A_Content_Length_that_passes_over_a_separator_in_a_file_that_has_no_others_is_reported()
    {
        const string body = "x\n\nFrom ops@example.org Tue Mar  3 08:00:00 2015\nSubject: in the log\n\ny\n";
        Write(Sized("1", body) + "\nFrom a@b Tue Mar  3 09:10:11 2015\n" + Mail("2") + "\n");

        var (letters, notices) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal(2, letters.Count);
        Assert.Contains("Lines like a separator treated as text of a message; check these: Inbox, line 9.", notices);
    }

    [Fact]
    public async Task What_stays_in_doubt_is_reported_with_file_and_line()
    {
        Write(
            "From a@b Tue Mar  3 09:10:11 2015\n"
                + Mail("1", "log:\n\nFrom ops@example.org Tue Mar  3 08:00:00 2015\nline of the log\n")
                + "\n"
                + "From a@b Tue Mar  3 09:10:12 2015\n"
                + Mail("2")
                + "\nFrom a@b Tue Mar  3 09:10:13 2015\n"
                + Mail("3")
                + "From a@b Tue Mar  3 09:10:14 2015\n"
                + Mail("4, without a blank line before")
                + "\n"
        );

        var (letters, notices) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal(4, letters.Count);
        Assert.Contains("Lines like a separator treated as text of a message; check these: Inbox, line 8.", notices);
        Assert.Contains("Doubtful lines treated as the beginning of a message; check these: Inbox, line 24.", notices);
    }

    [Fact]
    public async Task A_file_in_which_no_separator_has_a_blank_line_before_it_is_in_no_doubt()
    {
        Write(string.Concat(Enumerable.Range(1, 3).Select(number => $"From ???@??? Tue Mar 03 09:10:1{number} 2015\n{Mail($"{number}")}")));

        var (letters, notices) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal(3, letters.Count);
        Assert.DoesNotContain(notices, notice => notice.Contains("Doubtful", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Thunderbird_of_both_kinds_in_one_file()
    {
        Write(
            "From - Tue Mar 03 09:10:11 2015\nX-Mozilla-Status: 0001\n"
                + Mail("1", ">From me\n")
                + "\nFrom \nX-Mozilla-Status: 0001\n"
                + Mail("2", ">From me\n")
                + "\n"
        );

        var (letters, notices) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.EndsWith("\r\n>From me\r\n", letters[0].Text);
        Assert.EndsWith("\r\n\r\nFrom me\r\n", letters[1].Text);
        Assert.Contains(
            "Lines that begin with \">From \" were left as they are, since nothing says how the file was quoted: Inbox.",
            notices
        );
    }

    [Fact]
    public async Task A_bare_line_From_in_a_file_of_another_program_is_text()
    {
        Write("From a@b Tue Mar  3 09:10:11 2015\n" + Mail("1", "the field\n\nFrom \nSubject: and\nDate: are fields\n\nbye\n") + "\n");

        Assert.Single((await _files.ReadAsync(FileFormat.Mbox)).Letters);
    }

    [Fact]
    public async Task A_mark_before_the_first_separator_is_left_out()
    {
        Write(
            "\u00ef\u00bb\u00bfFrom a@b Tue Mar  3 09:10:11 2015\n" + Mail("1") + "\nFrom a@b Tue Mar  3 09:10:12 2015\n" + Mail("2") + "\n"
        );

        var (letters, notices) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal([Crlf(Mail("1")), Crlf(Mail("2"))], letters.Select(letter => letter.Text));
        Assert.Contains("A byte order mark before the first line was left out: Inbox.", notices);
    }

    [Fact]
    public async Task Lines_that_end_with_CR_alone_are_lines()
    {
        Write(
            (
                "From ???@??? Tue Mar 03 09:10:11 2015\n" + Mail("1") + "\nFrom ???@??? Tue Mar 03 09:10:12 2015\n" + Mail("2") + "\n"
            ).Replace('\n', '\r')
        );

        var (letters, notices) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal([Crlf(Mail("1")), Crlf(Mail("2"))], letters.Select(letter => letter.Text));
        Assert.Contains("Lines that end with CR alone were given CRLF: Inbox.", notices);
    }

    [Fact]
    public async Task Separators_at_the_edges_of_read_buffers_are_found()
    {
        foreach (var shift in Enumerable.Range(0, 60))
        {
            Write(
                "From a@b Tue Mar  3 09:10:11 2015\r\n"
                    + Crlf(Mail("1", new string('x', (1 << 18) - 160 + shift) + "\n"))
                    + "\r\nFrom a@b Tue Mar  3 09:10:12 2015\r\n"
                    + Crlf(Mail("2"))
                    + "\r\n"
            );

            var (letters, _) = await _files.ReadAsync(FileFormat.Mbox);

            Assert.Equal([Crlf(Mail("2"))], letters.Skip(1).Select(letter => letter.Text));
        }
    }

    [Fact]
    public async Task What_Pine_keeps_about_the_folder_is_no_message()
    {
        Write(
            "From MAILER-DAEMON Tue Mar  3 09:10:11 2015\nDate: 03 Mar 2015 09:10:11 +0100\nFrom: Mail System Internal Data "
                + "<MAILER-DAEMON@host>\n"
                + "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 1425370211 0000000002\nStatus: RO\n\n"
                + "This text is part of the internal format of your mail folder.\n\n"
                + "From a@b Tue Mar  3 09:10:11 2015\n"
                + Mail("1")
                + "\n"
        );

        var (letters, notices) = await _files.ReadAsync(FileFormat.Mbox);

        Assert.Equal(Crlf(Mail("1")), Assert.Single(letters).Text);
        Assert.Contains("The first message, in which Pine and UW-IMAP keep what they know of the folder, was left out: Inbox.", notices);
    }

    [Fact]
    public async Task A_text_that_begins_with_the_word_is_no_mbox()
    {
        Write("From a@b Tue Mar  3 09:10:11 2015\n" + Mail("1") + "\n");
        _files.Write("poem", "From fairest creatures we desire increase,\nThat thereby beauty's rose might never die,\n");

        await using var source = await _files.OpenAsync(FileFormat.Mbox);

        Assert.Equal(["poem"], source.PassedOver);
    }

    private static string Sized(string subject, string body, int off = 0) =>
        $"From ann@example.org Tue Mar  3 09:10:11 2015\n{Mail(subject, body, $"Content-Length: {body.Length + off}\n")}";

    private static string Crlf(string text) => text.Replace("\n", "\r\n");

    private void Write(string text) => _files.Write("Inbox", text);
}
