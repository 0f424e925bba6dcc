# A guest that fits into one sector, so that a test can have many.
#
# The byte at `mode` says what it does (demo/guests.py sets it):
#   0  obeys the ACPI power button: powers itself off; sleeps until then, at no cost
#   1  ignores everything
#   2  powers itself off after `seconds`
#   3  crashes by pvpanic after `seconds`
#
# Ports are those of QEMU's `pc` machine under SeaBIOS: the ACPI block at 0x600, pvpanic at 0x505.

        .set    PM1_STATUS,  0x600
        .set    PM1_ENABLE,  0x602
        .set    PM1_CONTROL, 0x604
        .set    BUTTON,      0x0100             # power button bit of status and enable
        .set    SLEEP_S5,    0x2000             # sleep enable, type 0: soft off
        .set    PVPANIC,     0x505
        .set    PIC1_MASK,   0x21
        .set    PIC2_MASK,   0xa1
        .set    TICKS_PER_SECOND, 18
        .set    ACPI_VECTOR, 0x71               # IRQ 9, as SeaBIOS programs the second PIC

        .code16
        .globl  _start
_start: cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7c00, %sp
        ljmp    $0, $main

main:   cmpb    $1, mode
        je      deaf
        ja      timed

button: movw    $pressed, ACPI_VECTOR * 4
        movw    $0, ACPI_VECTOR * 4 + 2
        movb    $0xfb, %al                      # of the first PIC only the cascade
        outb    %al, $PIC1_MASK
        movb    $0xfd, %al                      # of the second only IRQ 9
        outb    %al, $PIC2_MASK
        movw    $PM1_ENABLE, %dx
        movw    $BUTTON, %ax
        outw    %ax, %dx
        sti
sleep:  hlt
        jmp     sleep

pressed:
        movw    $PM1_STATUS, %dx
        inw     %dx, %ax
        testw   $BUTTON, %ax
        jnz     off
        movb    $0x20, %al                      # end of interrupt, both PICs
        outb    %al, $0xa0
        outb    %al, $0x20
        iret

timed:  movb    $0xfe, %al                      # only the timer; the BIOS counts its ticks
        outb    %al, $PIC1_MASK
        movb    $0xff, %al
        outb    %al, $PIC2_MASK
        sti
second: movb    seconds, %bl
        testb   %bl, %bl
        jz      due
        movw    $TICKS_PER_SECOND, %cx
tick:   hlt
        loop    tick
        decb    seconds
        jmp     second
due:    cmpb    $3, mode
        je      crash

off:    movw    $PM1_CONTROL, %dx
        movw    $SLEEP_S5, %ax
        outw    %ax, %dx
deaf:   cli
        hlt
        jmp     deaf

crash:  movw    $PVPANIC, %dx
        movb    $1, %al
        outb    %al, %dx
        jmp     deaf

        .org    0x1f0
mode:   .byte   0
seconds:
        .byte   0
        .org    510
        .word   0xaa55
