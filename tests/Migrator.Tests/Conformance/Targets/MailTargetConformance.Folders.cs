using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Tests.Migrations;
using Xunit;

namespace Migrator.Tests.Conformance.Targets;

/// <summary>Creating folders and subscribing to them.</summary>
public abstract partial class MailTargetConformance
{
    private static readonly FolderPath s_work = FolderPath.Parse("Work");

    public static TheoryData<string> OddNames =>
        [
            "Work",
            "a b",
            "München",
            "日本語",
            "R&D",
            "100%",
            "star*",
            "quo\"te",
            "back\\\\slash",
            "Deep/er/and/deeper",
            "a:b",
            "[Gmail]",
            "trailing ",
            "~tilde",
            "(paren)",
            "{brace}",
        ];

    [Theory]
    [MemberData(nameof(OddNames))]
    public async Task A_folder_is_created_with_what_is_missing_above_it_or_its_name_is_refused(string text)
    {
        var (session, path) = (await ConnectAsync(), FolderPath.Parse(text));

        if (RefusedNames.Contains(text))
        {
            Assert.Equal(
                Reason.FolderRefused,
                (await Assert.ThrowsAsync<MailException>(() => session.CreateFolderAsync(path, SpecialUse.None, Stop))).Reason
            );
            Assert.DoesNotContain(path, (await session.ListFoldersAsync(Stop)).Select(folder => folder.Path));
            await session.CreateFolderAsync(s_work, SpecialUse.None, Stop);
            return;
        }
        await session.CreateFolderAsync(path, SpecialUse.None, Stop);

        Assert.Equal(0, (await session.OpenAsync(path, Stop)).Count);
        Assert.Contains(Mailbox.Name(path), (await Mailbox.ContentAsync()).Folders.Keys);
        await using var other = await Mailbox.ConnectTargetAsync();
        Assert.Single(await other.ListFoldersAsync(Stop), folder => folder.Path == path && folder.Selectable);
    }

    [Fact]
    public async Task Creating_a_folder_that_is_there_changes_nothing()
    {
        var session = await ConnectAsync();
        await session.CreateFolderAsync(s_work, SpecialUse.None, Stop);
        var before = await session.OpenAsync(s_work, Stop);
        await session.AppendAsync([Letter(1)], Stop);

        foreach (var again in new[] { session, await ConnectAsync() })
        {
            await again.CreateFolderAsync(s_work, SpecialUse.None, Stop);
            await again.CreateFolderAsync(FolderPath.Inbox, SpecialUse.Inbox, Stop);
            var after = await again.OpenAsync(s_work, Stop);
            Assert.Equal((before.UidValidity, 1), (after.UidValidity, after.Count));
        }
    }

    [Fact]
    public async Task Two_sessions_may_create_the_same_folder_at_the_same_time()
    {
        var sessions = new[] { await ConnectAsync(), await ConnectAsync() };
        // Each has its own idea of what there is.
        foreach (var session in sessions)
            await session.ListFoldersAsync(Stop);

        foreach (var path in new[] { "Work/2024", "Work/2024/May", "Work" })
        {
            foreach (var session in sessions)
                await session.CreateFolderAsync(FolderPath.Parse(path), SpecialUse.None, Stop);
            foreach (var session in sessions)
                Assert.Equal(0, (await session.OpenAsync(FolderPath.Parse(path), Stop)).Count);
        }
    }

    [Fact]
    public async Task A_name_with_the_delimiter_in_it_is_refused_and_makes_no_other_folder()
    {
        var session = await ConnectAsync();
        var before = (await Mailbox.ContentAsync()).Folders.Keys;

        var refused = await Assert.ThrowsAsync<MailException>(() =>
            session.CreateFolderAsync(new FolderPath(["up", $"a{session.Traits.Delimiter}b"]), SpecialUse.None, Stop)
        );

        Assert.Equal((Reason.FolderRefused, FailureScope.Folder), (refused.Reason, refused.Reason.Scope));
        Assert.Equal(before, (await Mailbox.ContentAsync()).Folders.Keys);
    }

    [Fact]
    public async Task A_character_that_is_said_to_be_refused_is_and_asking_creates_nothing()
    {
        var (session, before) = (await ConnectAsync(), (await Mailbox.ContentAsync()).Folders.Keys);

        var refused = await session.RefusedInNamesAsync(['a', '%', '*', '"', '\\', ':', '~', 'ü'], Stop);

        Assert.Equal(before, (await Mailbox.ContentAsync()).Folders.Keys);
        Assert.DoesNotContain('a', refused);
        Assert.Empty(await session.RefusedInNamesAsync([], Stop));
        Assert.False(await session.FoldsCaseAsync(FolderPath.Inbox, Stop));
        foreach (var character in refused)
            await Assert.ThrowsAsync<MailException>(() =>
                session.CreateFolderAsync(new FolderPath([$"x{character}y"]), SpecialUse.None, Stop)
            );
    }

    [Theory]
    [InlineData(SpecialUse.Junk)]
    [InlineData(SpecialUse.Archive)]
    public async Task A_special_use_is_given_where_the_target_takes_one_and_left_out_elsewhere(SpecialUse use)
    {
        var session = await ConnectAsync();

        await session.CreateFolderAsync(s_work, use, Stop);

        await using var other = await Mailbox.ConnectTargetAsync();
        Assert.Equal(
            TakesSpecialUse ? use : SpecialUse.None,
            Assert.Single(await other.ListFoldersAsync(Stop), folder => folder.Path == s_work).Use
        );
        Assert.Equal(0, (await other.OpenAsync(s_work, Stop)).Count);
    }

    [Fact]
    public async Task Subscribing_may_be_repeated_and_needs_a_folder()
    {
        var session = await ConnectAsync();
        await session.CreateFolderAsync(s_work, SpecialUse.None, Stop);
        for (var time = 0; time < 2; time++)
            await session.SubscribeAsync(s_work, Stop);

        Assert.Contains(Mailbox.Name(s_work), (await Mailbox.ContentAsync()).Subscribed);
        Assert.True(Assert.Single(await session.ListFoldersAsync(Stop), folder => folder.Path == s_work).Subscribed);
        Assert.Equal(
            Reason.FolderMissing,
            (await Assert.ThrowsAsync<MailException>(() => session.SubscribeAsync(FolderPath.Parse("Missing"), Stop))).Reason
        );
    }

    [Fact]
    public async Task An_empty_folder_is_deleted_with_its_subscription()
    {
        var session = await ConnectAsync();
        await session.CreateFolderAsync(s_work, SpecialUse.None, Stop);
        await session.SubscribeAsync(s_work, Stop);
        var state = await session.OpenAsync(s_work, Stop);

        Assert.True(await session.DeleteFolderAsync(s_work, state, Stop));

        Assert.False(await session.DeleteFolderAsync(s_work, state, Stop));
        Assert.DoesNotContain(s_work, (await session.ListFoldersAsync(Stop)).Select(folder => folder.Path));
        var content = await Mailbox.ContentAsync();
        Assert.DoesNotContain(Mailbox.Name(s_work), content.Folders.Keys.Concat(content.Subscribed));
        // It can be created again, and others are not affected.
        await session.OpenAsync(FolderPath.Inbox, Stop);
        await session.CreateFolderAsync(s_work, SpecialUse.None, Stop);
        await session.OpenAsync(s_work, Stop);
    }

    [Theory]
    [InlineData("message")]
    [InlineData("message that was expected")]
    [InlineData("was used")]
    [InlineData("another folder")]
    [InlineData("folder below")]
    [InlineData("INBOX")]
    public async Task A_folder_that_is_not_as_expected_is_not_deleted(string what)
    {
        var (session, path) = (await ConnectAsync(), what == "INBOX" ? FolderPath.Inbox : s_work);
        await session.CreateFolderAsync(s_work, SpecialUse.None, Stop);
        await session.SubscribeAsync(s_work, Stop);
        if (what == "message that was expected")
        {
            await using var first = await Mailbox.LogInAsync();
            await first.AppendAsync(Mailbox.Name(s_work), Letters.Letter(1));
        }
        var state = await session.OpenAsync(path, Stop);
        if (what == "another folder")
            state = state with { UidValidity = state.UidValidity.Value + 1 };
        // Behind its back, after it was opened.
        await using (var imap = await Mailbox.LogInAsync())
        {
            if (what is "message" or "was used")
                await imap.AppendAsync(Mailbox.Name(s_work), Letters.Letter(1));
            if (what == "was used")
                await imap.DeleteAsync(Mailbox.Name(s_work), "1");
            if (what == "folder below")
                await imap.CreateAsync(Mailbox.Name(s_work.Child("Below")));
        }
        var before = await Mailbox.ContentAsync();

        Assert.False(await session.DeleteFolderAsync(path, state, Stop));

        (await Mailbox.ContentAsync()).ShouldEqual(before);
    }

    [Fact]
    public async Task What_the_target_can_do_is_reported()
    {
        var traits = (await ConnectAsync()).Traits;

        Assert.True(traits.MaxBatch >= 1);
        Assert.True(traits.MaxSize is null or > 0);
        Assert.Equal('/', traits.Delimiter);
        Assert.Equal(RemovesSingleMessages, traits.RemovesMessages);
        Assert.Equal(Mailbox.Name(s_work), string.Join('/', [.. traits.Prefix, "Work"]));
    }
}
